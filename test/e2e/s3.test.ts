/** A project whose evidence lies in a bucket: written by a role that may put objects and nothing else, read by one that may read. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {HeadObjectCommand, ListObjectVersionsCommand} from '@aws-sdk/client-s3'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceIndex} from '../../scripts/image/service.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {policyDocument} from '../../src/lib/access/policy-document.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startFaultyS3, type FaultyS3} from '../fakes/s3-fault-proxy.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {assumeRole} from '../s3-role.ts'
import {startS3, type S3Server} from '../s3.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const NAMES = ['builder', 'promotion', 'ann'] as const

describe('with the evidence in a bucket', function () {
  this.timeout(300_000)
  let s3: S3Server
  let registry: TestRegistry
  /** May put objects, and nothing else. */
  let role: FaultyS3
  let workspace: Workspace
  /** By way of the role, and as the owner. */
  let store: {readonly written: string; readonly read: string}
  let from: string
  let image: string
  /** Credentials of the role, whose policy says the same once more. */
  let writer: Readonly<Record<string, string>>
  const env: Record<string, string> = {}

  const cli = async (...args: string[]) => {
    // Whoever names the bucket itself is its owner.
    const identity = args.includes(store.read) ? s3.env : writer
    const {exitCode, json, stdout, stderr} = await workspace.cli([...args, '--json'], {env: {...env, ...identity}})
    return {exitCode, json: json as Record<string, unknown>, said: `${stdout}\n${stderr}`}
  }
  const done = async (...args: string[]) => {
    const {exitCode, json, said} = await cli(...args)
    assert.equal(exitCode, 0, `${args.join(' ')}\n${said}`)
    return json
  }
  const streams = async () => {
    const {records} = (await done('evidence', 'ls', '--store', store.read)) as {records: {stream: string}[]}
    return records.map(({stream}) => stream).toSorted()
  }

  before(async () => {
    ;[s3, registry] = await Promise.all([startS3(), startRegistry()])
    role = await startFaultyS3(s3.endpoint, {only: ['PutObject']})
    const {address} = await s3.makeBucket()
    store = {read: address, written: role.through(address)}
    const resources = ['records/*', 'blobs/*'].map((keys) => `arn:aws:s3:::${new URL(address).host}/evidence/${keys}`)
    writer = await assumeRole(s3, policyDocument([{Sid: 'Write', Effect: 'Allow', Action: ['s3:PutObject'], Resource: resources}]))
    workspace = await createWorkspace()
    env['HIPAA_CI_TRIVY_CACHE'] = join(workspace.folder, 'advisories')
    writeAdvisoryDatabase(env['HIPAA_CI_TRIVY_CACHE'])
    from = `${registry.host}/team/app`
    image = `${from}@${await pushImage(openRegistry(from), serviceIndex({version: '1.0.0'}))}`
    await done('init', '--system', 'patient-api', '--store', store.written)
    for (const name of NAMES) await done('keys', 'generate', name)
    await configure()
  })
  after(async () => {
    await role.stop()
    await Promise.all([s3.stop(), registry.stop(), workspace.remove()])
  })

  async function configure(): Promise<void> {
    const spki = async (name: string) => readPublicKey(await readFile(join(workspace.folder, `${name}.pub`), 'utf8'))?.spki ?? assert.fail(name)
    const [builder, promotion, ann] = await Promise.all(NAMES.map(async (name) => `spki: "sha256:${await spki(name)}", file: ${name}.pub`))
    const own = await readFile(join(workspace.folder, 'hipaa-ci.yaml'), 'utf8')
    assert.ok(own.includes(store.written), 'init names the bucket')
    await workspace.write('identities.yaml', 'version: 1\npersons:\n  - {person: ann, principals: [{issuer: git, id: ann@clinic.example}]}\n')
    await workspace.write(
      'hipaa-ci.yaml',
      `version: 1
system: patient-api
store: ${JSON.stringify(store.written)}
signing: {key: "file:builder.key"}
identities: identities.yaml
environments:
  build:
    repository: ${from}
    requires: {signature: {keys: [{${builder ?? ''}}]}}
  production:
    repository: ${registry.host}/prod/app
    requires: {signature: {keys: [{${builder ?? ''}}]}}
    approvals: {not-author: false, by: [{person: ann, ${ann ?? ''}}]}
    promotion: {key: "file:promotion.key", ${promotion ?? ''}}
`,
    )
  }

  it('writes the whole road by a role that may put objects and nothing else', async () => {
    const expected = ['sbom', 'scan', 'gate', 'signature', 'attestation', 'test']
    const {files} = (await done('run', 'start', '--expect', expected.join(','))) as {files: {path: string}[]}
    env['HIPAA_CI_RUN'] = files[0]?.path ?? ''
    try {
      await done('pipeline', image)
      await done('verify', image, '--environment', 'build')
      await workspace.write('tests.json', JSON.stringify({name: 'unit', passed: 12, failed: 0, skipped: 1}))
      await done('emit', 'test', '--file', 'tests.json', '--outcome', 'pass')
      assert.deepEqual((await done('run', 'end'))['gaps'], [])
    } finally {
      delete env['HIPAA_CI_RUN']
    }
    await done('approve', image, '--to', 'production', '--key', 'file:ann.key')
    const promoted = await done('promote', image, '--to', 'production')
    assert.equal(promoted['promoted'], true)
    await done('revoke', image, '--reason', 'vulnerable')
    assert.equal((await done('revoke', image, '--reinstate'))['changed'], true)
    const found = new Set(await streams())
    for (const stream of [...expected, 'run', 'verification', 'approval', 'promotion', 'revocation']) assert.ok(found.has(stream), stream)
    // What was tried beside it, and refused, kept nothing from being written.
    assert.deepEqual([...new Set(role.calls.filter(({fault}) => fault !== 'refused').map(({operation}) => operation))], ['PutObject'])
  })

  it('records a step once more rather than not at all, where it may not look', async () => {
    const approvals = async () => (await streams()).filter((stream) => stream === 'approval').length
    const before = await approvals()
    await done('approve', image, '--to', 'production', '--key', 'file:ann.key')
    assert.equal(await approvals(), before + 1)
    await done('approve', image, '--to', 'production', '--key', 'file:ann.key', '--store', store.read)
    assert.equal(await approvals(), before + 1)
  })

  it('gives it all to a role that may read', async () => {
    const {records} = (await done('evidence', 'ls', '--store', store.read)) as {records: {id: string; key?: string}[]}
    const shown = await done('evidence', 'show', records[0]?.id ?? '', '--store', store.read)
    assert.ok(JSON.stringify(shown).includes(records[0]?.id ?? '-'))
    await done('evidence', 'verify', '--store', store.read)
    const answer = await done('query', 'component', '--component', 'log4j-core@2.14.1', '--store', store.read)
    assert.ok(Array.isArray(answer['rows']))
  })

  it('is looked at by doctor, as far as the role may see', async () => {
    const messageOf = async (address: string) => {
      const {checks} = (await cli('doctor', '--store', address)).json as {checks: {name: string; state: string; message: string}[]}
      const {state, message} = checks.find(({name}) => name === 'evidence store') ?? assert.fail('no line')
      assert.equal(state, 'ok')
      return message.replace(address, 'STORE')
    }
    assert.match(await messageOf(store.read), /^STORE answers, locks for 2555 days \(COMPLIANCE\)/)
    assert.match(await messageOf(store.written), /^STORE answers; this role may not see: versioning, object-lock/)
  })

  it('refuses to answer where this role may not read: nothing found is not the same', async () => {
    for (const args of [
      ['evidence', 'ls'],
      ['evidence', 'verify'],
      ['query', 'component', '--component', 'log4j-core@2.14.1'],
    ]) {
      const {exitCode, said} = await cli(...args)
      assert.equal(exitCode, 4, said)
      assert.match(said, /store\.refused/)
    }
  })

  it('has one version of everything, and each is locked', async () => {
    const Bucket = new URL(store.read).host
    const {Versions: versions = [], DeleteMarkers: markers} = await s3.client().send(new ListObjectVersionsCommand({Bucket}))
    assert.equal(markers, undefined)
    assert.equal(new Set(versions.map(({Key}) => Key)).size, versions.length)
    for (const {Key, VersionId} of versions) {
      const {ObjectLockMode: mode} = await s3.client().send(new HeadObjectCommand({Bucket, Key, VersionId}))
      assert.equal(mode, 'COMPLIANCE', Key)
    }
  })
})
