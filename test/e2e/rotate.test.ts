/** A signing key is rotated between keys of a real key service: what the old one signed is judged by when a real authority saw it. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {closedEndpoint} from '../fakes/kms-endpoint.ts'
import {startLocalKms, type LocalKms} from '../local-kms.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../timestamp-authority.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const DAY = 86_400
const [OLD, NEW] = ['awskms:///alias/image-signing', 'awskms:///alias/image-signing-next']

describe('a key that is rotated', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let kms: LocalKms
  let authority: TimestampAuthority
  let workspace: Workspace
  let version = 0

  before(async () => {
    registry = await startRegistry()
    kms = await startLocalKms({keys: [{alias: 'alias/image-signing'}, {alias: 'alias/image-signing-next'}]})
    authority = await startTimestampAuthority()
  })
  after(async () => {
    for (const part of [registry, kms, authority]) await part.stop()
  })
  beforeEach(async () => {
    workspace = await createWorkspace(kms.env)
    await authority.setClockOffset(0)
    const pem = await kms.publicKeyPem('alias/image-signing')
    await workspace.write('image.pub', pem)
    await workspace.write('tsa.pem', authority.chainPem)
    await workspace.write('hipaa-ci.yaml', configuration(pem, authority))
  })
  afterEach(async () => workspace.remove())

  const run = async (exitCode: number, ...args: readonly string[]) => {
    const result = await workspace.cli([...args, '--json'])
    assert.equal(result.exitCode, exitCode, `${args.join(' ')}\n${result.stderr}${result.stdout}`)
    return result.json
  }
  const freshImage = async (): Promise<string> => {
    const repository = `${registry.host}/clinic/rotated`
    version += 1
    return `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: `1.0.${version}`}))}`
  }
  const reasonOf = (json: unknown): string | undefined =>
    (json as {checks: readonly {name: string; reason?: string}[]}).checks.find(({name}) => name === 'signature')?.reason
  const text = () => readFileSync(join(workspace.folder, 'hipaa-ci.yaml'), 'utf8')
  const withoutTimestamp = async () => workspace.write('hipaa-ci.yaml', text().replace(/^ {2}timestamp: .*\n/m, ''))

  it('goes on being trusted for what it signed before, and is not for what it signs after', async () => {
    const before = await freshImage()
    await authority.setClockOffset(-2 * DAY)
    await run(0, 'sign', before)
    await run(0, 'verify', before)
    await run(0, 'keys', 'rotate', '--to', NEW, '--on', day(-1))
    await run(0, 'verify', before)

    const after = await freshImage()
    await authority.setClockOffset(0)
    await run(0, 'sign', after, '--key', OLD)
    assert.equal(reasonOf(await run(1, 'verify', after)), 'signature.key-retired')
    await run(0, 'sign', after)
    await run(0, 'verify', after)
  })

  it('is not trusted any more where nothing proves when it signed', async () => {
    await withoutTimestamp()
    const image = await freshImage()
    await run(0, 'sign', image)
    await run(0, 'verify', image)
    await run(0, 'keys', 'rotate', '--to', NEW)
    assert.equal(reasonOf(await run(1, 'verify', image)), 'signature.no-trusted-time')
  })

  it('gets a time when it is signed again with an authority', async () => {
    const whole = text()
    await withoutTimestamp()
    const image = await freshImage()
    await run(0, 'sign', image)
    await workspace.write('hipaa-ci.yaml', whole)
    assert.equal(((await run(0, 'sign', image)) as {signed: boolean}).signed, true)
    assert.equal(((await run(0, 'sign', image)) as {signed: boolean}).signed, false)
  })

  it('never counts once it is compromised, whenever it signed', async () => {
    const image = await freshImage()
    await authority.setClockOffset(-2 * DAY)
    await run(0, 'sign', image)
    const {spki = ''} = readPublicKey(await kms.publicKeyPem('alias/image-signing')) ?? {}
    await run(0, 'keys', 'rotate', '--to', NEW, '--compromised', spki)
    assert.equal(reasonOf(await run(1, 'verify', image)), 'signature.key-compromised')
  })

  it('leaves its public half and its end in the configuration, and the records say so', async () => {
    const rotated = (await run(0, 'keys', 'rotate', '--to', NEW)) as {added: {file: string; spki: string}; records: readonly {action: string}[]}
    const pem = await kms.publicKeyPem('alias/image-signing-next')
    assert.equal(readFileSync(join(workspace.folder, rotated.added.file), 'utf8'), pem)
    assert.match(text(), /^ {2}key: "awskms:\/\/\/alias\/image-signing-next" {3}# who signs$/m)
    assert.match(text(), new RegExp(`until: ${day(0)}, status: retired`))
    const shown = (await run(0, 'keys', 'show')) as {signing: {state: string}; keys: readonly {state: string; signs: boolean}[]}
    assert.equal(shown.signing.state, 'pinned')
    assert.deepEqual(
      shown.keys.map(({state, signs}) => [state, signs]),
      [
        ['retired', false],
        ['trusted', true],
      ],
    )
    const listed = (await run(0, 'evidence', 'ls', '--stream', 'key')) as {records: readonly object[]}
    assert.equal(listed.records.length, 2)
  })

  it('is shown as it is pinned also where nobody can ask for the key, with the exit code of that', async () => {
    const shown = await workspace.cli(['keys', 'show'], {env: {AWS_ENDPOINT_URL_KMS: await closedEndpoint()}})
    assert.equal(shown.exitCode, 4, shown.stderr)
    assert.match(shown.stdout, /trusted/)
    assert.match(shown.stdout, /could not be asked: .*key-service\.unreachable/)
  })

  it('attaches nothing where the authority is out of reach', async () => {
    await workspace.write('hipaa-ci.yaml', text().replace(authority.url, `${await closedEndpoint()}/`))
    const image = await freshImage()
    const refused = (await run(4, 'sign', image)) as {error: {code: string}}
    assert.equal(refused.error.code, 'timestamp.unreachable')
    const [repository = '', digest = ''] = image.split('@')
    assert.deepEqual(await openRegistry(repository).referrers(digest), [])
  })
})

/** UTC. */
function day(offset: number): string {
  return new Date(Date.now() + offset * DAY * 1_000).toISOString().slice(0, 10)
}

function configuration(pem: string, {url, chainPem}: TimestampAuthority): string {
  const spki = readPublicKey(pem)?.spki ?? ''
  const chain = createHash('sha256').update(chainPem).digest('hex')
  return `version: 1
system: patient-api
signing:
  key: "${OLD}"   # who signs
  timestamp: "${url}"
environments:
  local:
    requires:
      signature:
        timestamp-authorities: [{file: tsa.pem, sha256: "sha256:${chain}"}]
        keys:
          - {spki: "sha256:${spki}", file: image.pub}
`
}
