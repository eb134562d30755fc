/**
 * hipaa-ci on itself: its own image is scanned, signed, attested, approved and promoted under the policy of its own
 * releases, and then let into a cluster by an `admission serve` that runs out of that very image, read-only.
 */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {writeLayout} from '../../scripts/image/build-image.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {FOLDERS} from '../../src/lib/admission/manifests/server-arguments.ts'
import {SPDX_TYPE} from '../../src/lib/evidence/statement.ts'
import {copyImage} from '../../src/lib/images/copy-image.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openLayout} from '../../src/lib/registry/layout.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createAuthority} from '../certificates.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {PROVIDER} from '../gatekeeper/gate.ts'
import {startEngine, type Engine} from '../gatekeeper/start-engine.ts'
import {REQUEST_TOKEN, startIssuer, type TestIssuer} from '../identity-issuer.ts'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {GITHUB_CLAIMS} from '../lib/identity/claims.ts'
import {nodeBase} from '../own-image/node-base.ts'
import {ownIdentities, ownPolicy} from '../own-image/own-release.ts'
import {serveUnpacked, type OwnServer} from '../own-image/serve.ts'
import {listingOf, unpack, type Unpacked} from '../own-image/unpacked.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {startS3, type S3Server} from '../s3.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLUSTER = 'prod-east'
const KEYS = ['build', 'approver', 'promotion'] as const
const Verdict = z.looseObject({verdict: z.string(), checks: z.array(z.looseObject({name: z.string(), state: z.string(), reason: z.string().optional()}))})
const Bundle = z.looseObject({dsseEnvelope: z.looseObject({payload: z.string()})})
const Listed = z.looseObject({records: z.array(z.looseObject({id: z.string()}))})
const Shown = z.looseObject({record: z.looseObject({data: z.looseObject({outcome: z.string(), detail: z.looseObject({uid: z.string().optional()})})})})

describe('hipaa-ci on its own image', function () {
  this.timeout(300_000)
  const [servers, clients] = [createAuthority('Synthetic Provider Authority'), createAuthority('Synthetic Gatekeeper Authority')]
  let registry: TestRegistry
  let issuer: TestIssuer
  let s3: S3Server
  let workspace: Workspace
  let place: string
  let policy: string
  let inCi: Record<string, string>
  /** Digests: what is released, and the same files built once more, which nobody signs. */
  let released: string
  let unsigned: string

  before(async () => {
    place = mkdtempSync(join(tmpdir(), 'hipaa-ci-own-'))
    chmodSync(place, 0o755)
    registry = await startRegistry()
    s3 = await startS3()
    const authority = createAuthority()
    issuer = await startIssuer({tls: authority.issue(['localhost', 'code.hospital.example']), path: '/_services/token'})
    workspace = await createWorkspace()
    const spki = await makeKeys()
    policy = ownPolicy({
      registry: registry.host,
      builder: `${issuer.origin}/${GITHUB_CLAIMS.job_workflow_ref}`,
      source: `git+${issuer.origin}/acme/app@refs/heads/main`,
      spki,
    })
    await workspace.write('hipaa-ci.yaml', policy)
    await workspace.write('identities.yaml', ownIdentities(issuer.origin))
    const commit = commitPolicy(workspace.folder)
    issuer.claims = {...GITHUB_CLAIMS, sha: commit, actor: 'developer'}
    inCi = {
      HIPAA_CI_TRIVY_CACHE: join(workspace.folder, '.git', 'advisories'),
      NODE_EXTRA_CA_CERTS: await workspace.write('.git/authority.pem', authority.cert),
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: issuer.origin,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_RUN_ID: GITHUB_CLAIMS.run_id,
      GITHUB_SHA: commit,
      GITHUB_JOB: 'sign',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.origin}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    }
    writeAdvisoryDatabase(inCi['HIPAA_CI_TRIVY_CACHE'] ?? '')
    await writeLayout(join(place, 'base'), nodeBase())
    released = make('released', '1790000000')
    unsigned = make('unsigned', '1790000001')
    assert.notEqual(released, unsigned)
    await push('released', 'build', released)
    await push('unsigned', 'release', unsigned)
  })
  after(async () => {
    await issuer?.stop()
    await registry?.stop()
    await s3?.stop()
    await workspace?.remove()
    if (place !== undefined) execFileSync('chmod', ['-R', 'u+w', place])
    rmSync(place, {recursive: true, force: true})
  })

  const makeKeys = async () => {
    mkdirSync(join(workspace.folder, 'keys'))
    const found = new Map<string, string>()
    for (const name of KEYS) {
      const made = await workspace.cli(['keys', 'generate', `keys/${name}`, '--no-record'])
      assert.equal(made.exitCode, 0, made.stderr)
      found.set(name, readPublicKey(readFileSync(join(workspace.folder, 'keys', `${name}.pub`), 'utf8'))?.spki ?? assert.fail(name))
    }
    return {build: found.get('build') ?? '', approver: found.get('approver') ?? '', promotion: found.get('promotion') ?? ''}
  }
  /** As `npm run image` does. @returns the digest */
  const make = (name: string, seconds: string) =>
    execFileSync(process.execPath, [join(ROOT, 'scripts/own-image.ts'), '--base', join(place, 'base'), '--out', join(place, name)], {
      encoding: 'utf8',
      env: {...process.env, SOURCE_DATE_EPOCH: seconds},
    }).trim()
  const push = async (layout: string, where: string, digest: string) =>
    copyImage(await openLayout(join(place, layout)), openRegistry(`${registry.host}/${where}/hipaa-ci`), digest, {referrers: false})
  const image = (where: 'build' | 'release', digest: string) => `${registry.host}/${where}/hipaa-ci@${digest}`
  const cli = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const {exitCode, stdout, stderr, json} = await workspace.cli([...args, '--json'], {env})
    return {exitCode, json, said: `${stdout}\n${stderr}`}
  }
  /** What the signed statement says is in it. */
  const attestedSbom = async (digest: string) => {
    const store = openRegistry(`${registry.host}/build/hipaa-ci`)
    const found: string[] = []
    for (const referrer of await store.referrers(digest)) {
      const [layer] = (await store.resolve(referrer.digest)).json.layers ?? []
      const text = layer === undefined ? '{}' : Buffer.from(await store.blob(layer)).toString()
      const statement = Buffer.from(Bundle.parse(JSON.parse(text)).dsseEnvelope.payload, 'base64').toString()
      if (statement.includes(SPDX_TYPE)) found.push(statement)
    }
    assert.equal(found.length, 1)
    return found.join('')
  }
  const decide = async (what: string) => {
    const {exitCode, json, stderr} = await workspace.cli(['admission', 'decide', '-', '--cluster', CLUSTER, '--policy', 'hipaa-ci.yaml', '--json'], {
      stdin: JSON.stringify(reviewValue({containers: [container(what)]})),
    })
    return {exitCode, stderr, ...z.looseObject({allowed: z.boolean()}).parse(json)}
  }

  it('is built, scanned, signed and attested by the pipeline; scanners see what is in it', async () => {
    const built = await cli(['pipeline', image('build', released), '--allow-long-lived', 'key-file'], inCi)
    assert.equal(built.exitCode, 0, built.said)
    const text = await attestedSbom(released)
    for (const name of ['pkg:npm/hipaa-ci@', 'pkg:npm/%40aws-sdk/client-s3@', 'pkg:npm/zod@', 'pkg:npm/%40sigstore/verify@'])
      assert.ok(text.includes(name), name)
    assert.ok(!text.includes('duckdb'))
  })

  it('is promoted when somebody else than its author approved, and not before', async () => {
    const promote = async () => cli(['promote', image('build', released), '--to', 'release', '--tag', '0.1.0'])
    const early = await promote()
    assert.equal(early.exitCode, 6, early.said)
    const approved = await cli(['approve', image('build', released), '--to', 'release', '--key', 'file:keys/approver.key'])
    assert.equal(approved.exitCode, 0, approved.said)
    const done = await promote()
    assert.equal(done.exitCode, 0, done.said)
    const {exitCode, json, said} = await cli(['verify', image('release', released), '--environment', 'release'])
    assert.equal(exitCode, 0, said)
    assert.deepEqual(
      Verdict.parse(json)
        .checks.filter(({state}) => state !== 'not-checked')
        .map(({name, state}) => `${name} ${state}`),
      ['signature verified', 'sbom verified', 'provenance verified', 'scan verified', 'gate verified', 'approvals verified'],
    )
  })

  it('is let in by `admission decide`, where it was promoted to and nowhere else, and not without a signature', async () => {
    const good = await decide(image('release', released))
    assert.deepEqual([good.exitCode, good.allowed], [0, true], good.stderr)
    for (const refused of [image('release', unsigned), image('build', released)]) {
      const {exitCode, allowed} = await decide(refused)
      assert.deepEqual([exitCode, allowed], [1, false], refused)
    }
  })

  describe('run out of the image, as the manifests run it', () => {
    let unpacked: Unpacked
    let before: string
    let bucket: string
    let served: OwnServer
    let engine: Engine

    beforeEach(async () => {
      unpacked = await unpack(join(place, 'released'), join(place, 'root'))
      before = unpacked.listing()
      bucket = (await s3.makeBucket()).address
      const pair = servers.issue(['127.0.0.1'])
      const keys = KEYS.map((name) => [`${FOLDERS.policy}/keys/${name}.pub`, readFileSync(join(workspace.folder, 'keys', `${name}.pub`), 'utf8')] as const)
      served = await serveUnpacked(unpacked, {
        place: join(place, 'volumes'),
        cluster: CLUSTER,
        policy: 'hipaa-ci.yaml',
        store: bucket,
        env: s3.env,
        files: {
          [`${FOLDERS.policy}/hipaa-ci.yaml`]: policy,
          [`${FOLDERS.policy}/identities.yaml`]: ownIdentities(issuer.origin),
          [`${FOLDERS.tls}/tls.crt`]: pair.cert,
          [`${FOLDERS.tls}/tls.key`]: pair.key,
          [`${FOLDERS.gatekeeper}/ca.crt`]: clients.cert,
          ...Object.fromEntries(keys),
        },
      })
      engine = await startEngine({
        provider: providerManifest({name: PROVIDER, url: `${served.url}/validate`, authority: servers.cert}),
        constraints: constraints(PROVIDER),
        certificate: clients.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
      })
    })
    afterEach(async () => {
      await engine?.stop()
      await served?.stop()
    })

    it('lets itself in, refuses the one that nobody signed, and writes to nothing but its log and the store', async () => {
      assert.equal((await fetch(`${served.observe}/readyz`)).status, 200)
      const mounted = listingOf(join(place, 'volumes', 'etc'))
      const review = async (uid: string, digest: string) =>
        (await engine.review(reviewValue({containers: [container(image('release', digest))], request: {uid}}))).violations
      const [good, bad] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const
      assert.deepEqual(await review(good, released), [])
      const [violation, ...more] = await review(bad, unsigned)
      assert.deepEqual(more, [])
      assert.match(violation?.message ?? '', /signature\.missing/)

      assert.notEqual(listingOf(served.folder('log')), '')
      const {exitCode, said} = await served.stop()
      assert.equal(exitCode, 0, said)
      assert.equal(unpacked.listing(), before)
      assert.equal(listingOf(join(place, 'volumes', 'etc')), mounted)
      assert.equal(listingOf(served.folder('scratch')), '')

      const {json} = await cli(['evidence', 'ls', '--stream', 'admission', '--store', bucket], s3.env)
      const records = await Promise.all(
        Listed.parse(json).records.map(async ({id}) => Shown.parse((await cli(['evidence', 'show', id, '--store', bucket], s3.env)).json).record.data),
      )
      const outcomes = (uid: string) => records.filter(({detail}) => detail.uid === uid).map(({outcome}) => outcome)
      assert.deepEqual([outcomes(good), outcomes(bad)], [['pass'], ['fail']])
    })
  })

  it('is what `admission install` takes, by digest and not by tag', async () => {
    await workspace.write('ca.crt', servers.cert)
    const install = async (which: string) =>
      workspace.cli([
        'admission',
        'install',
        '--cluster',
        CLUSTER,
        '--policy',
        'hipaa-ci.yaml',
        '--image',
        which,
        '--store',
        's3://evidence/x?region=eu-central-1',
        '--ca',
        'ca.crt',
      ])
    const printed = await install(image('release', released))
    assert.equal(printed.exitCode, 0, printed.stderr)
    assert.ok(printed.stdout.includes(`image: ${image('release', released)}`))
    assert.equal((await install(`${registry.host}/release/hipaa-ci:0.1.0`)).exitCode, 2)
  })
})

function commitPolicy(cwd: string): string {
  const env = {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_COMMITTER_NAME: 'Web', GIT_COMMITTER_EMAIL: 'web@clinic.example'}
  const git = (...args: string[]) => execFileSync('git', args, {cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}).trim()
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', 'hipaa-ci.yaml', 'identities.yaml')
  git('commit', '--quiet', '--author', 'Developer <developer@clinic.example>', '-m', 'synthetic')
  return git('rev-parse', 'HEAD')
}
