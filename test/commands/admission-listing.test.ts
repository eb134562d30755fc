/** `admission preview` and `admission reconcile` as they are typed, with a program that stands for kubectl. */
import assert from 'node:assert/strict'
import {mkdir, mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {gzipSync} from 'node:zlib'
import {z} from 'zod'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {fakeTool} from '../fakes/fake-tool.ts'
import {DIGEST, listedPod, listing, OTHER} from '../lib/admission/listings.ts'

const signer = createSigner()
const POLICY = `version: 1
system: patient-api
environments:
  production:
    repository: registry.example/prod/patient-api
    match: {clusters: [prod-*], namespaces: [patient-api]}
    requires: {signature: {keys: [{spki: "sha256:${signer.spki}", file: key.pub}]}}
images:
  - {match: "registry.example/vendor/*", digests: ["${DIGEST}"], approved-by: platform-team, until: 2099-12-31}
`
const VENDOR = `registry.example/vendor/proxy@${DIGEST}`
const Failure = z.object({error: z.object({code: z.string(), exitCode: z.number()})})
const Preview = z.looseObject({running: z.number(), byRules: z.number(), refused: z.number(), recorded: z.literal(false), source: z.string()})
const Reconciled = z.looseObject({
  source: z.string(),
  record: z.string().optional(),
  differences: z.array(z.looseObject({reason: z.string(), uid: z.string()})),
})

describe('hipaa-ci admission preview, reconcile', function () {
  this.timeout(120_000)
  let workspace: Workspace
  let elsewhere: string
  let bin: string
  beforeEach(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'hipaa-ci-kubectl-'))
    bin = join(elsewhere, 'bin')
    workspace = await createWorkspace({PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, HIPAA_CI_CACHE: join(elsewhere, 'cache')})
    await workspace.write('policy.yaml', POLICY)
    await workspace.write('key.pub', signer.pem)
  })
  afterEach(async () => {
    await workspace.remove()
    await rm(elsewhere, {recursive: true, force: true})
  })
  const stdin = (...images: string[]) => listing(images.map((image, at) => listedPod({uid: `u-${at}`, name: `pod-${at}`, image, imageId: image}))).toString()
  const preview = async (args: string[], input = '', env = {}) =>
    workspace.cli(['admission', 'preview', '--cluster', 'prod-east', '--policy', 'policy.yaml', ...args], {stdin: input, env})
  const reconcile = async (args: string[], input = '', env = {}) =>
    workspace.cli(['admission', 'reconcile', '--cluster', 'prod-east', '--config', 'policy.yaml', ...args], {stdin: input, env})

  it('previews a listing: 0 where all would be let in, 1 where one would not', async () => {
    const good = await preview(['--listing', '-', '--json'], stdin(VENDOR))
    assert.deepEqual([good.exitCode, Preview.parse(good.json).byRules], [0, 1], good.stderr)
    const bad = await preview(['--listing', '-'], stdin(VENDOR, `registry.example/x/y@${OTHER}`))
    assert.equal(bad.exitCode, 1)
    assert.match(bad.stdout, /^✖ 2 images running in 2 pods: 0 verified, 1 by images rules, 1 would be refused: 1 policy\.unknown-image\n/)
    assert.match(bad.stdout, /nothing recorded: a preview lets nothing in/)
    const list = await workspace.cli(['evidence', 'ls', '--config', 'policy.yaml', '--json'])
    assert.deepEqual(z.looseObject({records: z.array(z.unknown()).optional()}).parse(list.json).records ?? [], [])
  })

  it('writes rules that no policy takes before somebody approved them, and never over a file', async () => {
    const asked = async () => preview(['--listing', '-', '--write-rules', 'rules.yaml'], stdin(`registry.example/x/y@${OTHER}`))
    assert.equal((await asked()).exitCode, 1)
    const rules = await readFile(join(workspace.folder, 'rules.yaml'), 'utf8')
    const merged = POLICY.replace(/images:\n[\s\S]*$/, rules)
    await workspace.write('merged.yaml', merged)
    const judged = async () =>
      workspace.cli(['admission', 'preview', '--cluster', 'prod-east', '--policy', 'merged.yaml', '--listing', '-', '--json'], {
        stdin: stdin(`registry.example/x/y@${OTHER}`),
      })
    const empty = await judged()
    assert.deepEqual([empty.exitCode, Failure.parse(empty.json).error.code], [2, 'config.invalid'])
    await workspace.write('merged.yaml', merged.replaceAll('approved-by: ""', 'approved-by: platform-team'))
    assert.equal((await judged()).exitCode, 0)
    await workspace.write('rules.yaml', rules.replaceAll('""', 'me'))
    const again = await asked()
    assert.equal(again.exitCode, 2)
    assert.match(again.stderr, /--write-rules rules\.yaml is there already/)
  })

  it('asks kubectl, with the kubeconfig that is named, from whatever folder it runs in', async () => {
    const seen = join(elsewhere, 'seen')
    fakeTool(bin, 'kubectl', '1.31.0', `echo "$KUBECONFIG $*" > ${seen}\ncat <<'END'\n${stdin(VENDOR)}\nEND`)
    const {exitCode, json, stderr} = await preview(['--kubeconfig', 'k.yaml', '--context', 'prod', '--json'], '', {KUBECONFIG: 'a.yaml'})
    assert.deepEqual([exitCode, Preview.parse(json).source], [0, 'cluster'], stderr)
    const said = await readFile(seen, 'utf8')
    assert.ok(said.includes(`/a.yaml --kubeconfig=`) && said.includes('/k.yaml --context=prod '), said)
  })

  it('takes no kubectl that is too old, absent or refused, and no answer that is none', async () => {
    const code = async () => {
      const {exitCode, json} = await reconcile(['--json'], '', {PATH: `${bin}:${dirname(process.execPath)}`})
      return [exitCode, Failure.parse(json).error.code]
    }
    assert.deepEqual(await code(), [3, 'tool.missing'])
    fakeTool(bin, 'kubectl', '1.28.9')
    assert.deepEqual(await code(), [3, 'tool.version'])
    fakeTool(bin, 'kubectl', '1.30.0', 'echo "Error from server (Forbidden): pods is forbidden" >&2; exit 1')
    assert.deepEqual(await code(), [4, 'admission.cluster'])
    fakeTool(bin, 'kubectl', '1.30.1', 'exit 0')
    assert.deepEqual(await code(), [2, 'usage.input'], 'an empty answer is no listing')
  })

  it('reconciles: 1 for a pod that nobody let in, with a record', async () => {
    const absent = await reconcile(['--listing', '-', '--json'], stdin(VENDOR))
    assert.deepEqual([absent.exitCode, Failure.parse(absent.json).error.code], [4, 'store.unreachable'], 'a store that is not there is no empty one')
    await mkdir(join(workspace.folder, '.hipaa-ci/evidence'), {recursive: true})
    const {exitCode, json, stderr} = await reconcile(['--listing', '-', '--json'], stdin(VENDOR))
    const {differences, record} = Reconciled.parse(json)
    assert.deepEqual([exitCode, differences.map(({reason, uid}) => [reason, uid])], [1, [['unverified-workload', 'u-0']]], stderr)
    const shown = await workspace.cli(['evidence', 'show', record ?? '', '--config', 'policy.yaml', '--json'])
    assert.equal(shown.exitCode, 0, shown.stderr)
    assert.match((await reconcile(['--listing', '-', '--no-record'], stdin(VENDOR))).stdout, /plausible: never-covered[\s\S]*not recorded/)
  })

  it('reads an audit log, also packed, and tells who did it', async () => {
    await mkdir(join(workspace.folder, '.hipaa-ci/evidence'), {recursive: true})
    const recorded = await readFile(new URL('../recordings/kube-apiserver@1.36.2/audit.log', import.meta.url))
    await workspace.write('audit.log.gz', gzipSync(recorded))
    const {exitCode, stdout, stderr} = await reconcile(['--audit-log', 'audit.log.gz'])
    assert.equal(exitCode, 1, stderr)
    assert.match(stdout, /^✖ 16 events of prod-east: 0 requests let in by a record, 0 refused by one, \d+ that nobody let in\n/)
    assert.match(stdout, /failed-open/)
    assert.match(stdout, /by +dev@example\.org/)
    await workspace.write('torn.log', recorded.subarray(0, 900))
    assert.equal((await reconcile(['--audit-log', 'torn.log', '--json'])).exitCode, 6)
    assert.equal((await reconcile(['--audit-log', 'audit.log.gz', '--listing', '-', '--json'])).exitCode, 2)
    assert.equal((await reconcile(['--audit-log', 'absent.log', '--json'])).exitCode, 2)
    assert.equal((await reconcile(['--audit-log', '', '--json'])).exitCode, 2)
  })

  it('refuses what contradicts itself or is empty', async () => {
    for (const args of [
      ['--listing', '-', '--context', 'x'],
      ['--listing', ''],
      ['--since', 'soon', '--listing', '-'],
    ])
      assert.equal((await reconcile([...args, '--json'], stdin(VENDOR))).exitCode, 2, args.join(' '))
    assert.equal((await preview(['--listing', 'absent.json', '--json'])).exitCode, 2)
  })
})
