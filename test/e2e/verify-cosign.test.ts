/** What the real Cosign signs, in every form that it has, verifies here: bundles of files, and the tags of Cosign 2 beside its newer bundles. */
import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {digestOf} from '../../src/lib/images/manifest.ts'
import {parseJUnit} from '../../src/lib/intake/junit.ts'
import {parseSarif} from '../../src/lib/intake/sarif.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {destinations, logConnections} from '../connection-log.ts'
import {cosignProgram} from '../cosign.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const EMPTY_CONFIG = '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}'
const EMPTY_ROOT = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'
const LEGACY = ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false', '--yes']
const OFFLINE = ['--signing-config', 'sc.json', '--trusted-root', 'tr.json', '--yes']

interface Verdict {
  readonly verdict: string
  readonly recorded: boolean
  readonly checks: readonly {readonly name: string; readonly state: string; readonly reason?: string}[]
}

describe('what Cosign signs', function () {
  this.timeout(180_000)
  let workspace: Workspace
  let program: string
  const cosign = async (args: readonly string[]): Promise<void> => {
    const env = {PATH: process.env['PATH'] ?? '', HOME: workspace.folder, COSIGN_PASSWORD: 'synthetic'}
    const result = await run([program, ...args], {cwd: workspace.folder, env, timeout: 60_000})
    assert.ok(result.kind === 'exited' && result.exitCode === 0, JSON.stringify(result))
  }
  const reasons = ({json}: CliResult): string[] => (json as Verdict).checks.flatMap(({reason}) => reason ?? [])

  before(async () => {
    workspace = await createWorkspace()
    program = await cosignProgram()
    await workspace.write('sc.json', EMPTY_CONFIG)
    await workspace.write('tr.json', EMPTY_ROOT)
    await workspace.write('predicate.json', '{"synthetic":true}')
    await workspace.write('artifact.txt', 'synthetic artifact')
    await cosign(['generate-key-pair', '--output-key-prefix', 'one'])
    await cosign(['generate-key-pair', '--output-key-prefix', 'two'])
  })
  after(() => workspace.remove())

  describe('of a file', () => {
    for (const [how, args] of [
      ['sign-blob', ['sign-blob', '--key', 'one.key', '--bundle', 'message.json', ...OFFLINE, 'artifact.txt']],
      [
        'attest-blob',
        ['attest-blob', '--key', 'one.key', '--predicate', 'predicate.json', '--type', 'custom', '--bundle', 'statement.json', ...OFFLINE, 'artifact.txt'],
      ],
    ] as const) {
      const bundle = how === 'sign-blob' ? 'message.json' : 'statement.json'
      it(`by ${how} verifies in an empty folder, by file and by digest, and leaves nothing there`, async () => {
        await cosign(args)
        const empty = await createWorkspace()
        try {
          await empty.write('artifact.txt', 'synthetic artifact')
          await empty.write('other.txt', 'something else')
          for (const name of [bundle, 'one.pub', 'two.pub']) await empty.write(name, await readFile(join(workspace.folder, name)))
          const verify = async (artifact: string, key = 'one.pub') => empty.cli(['verify', artifact, '--bundle', bundle, '--key', key, '--json'])
          for (const artifact of ['artifact.txt', digestOf(Buffer.from('synthetic artifact'))]) {
            const good = await verify(artifact)
            assert.equal(good.exitCode, 0, good.stderr + good.stdout)
            assert.deepEqual([(good.json as Verdict).verdict, (good.json as Verdict).recorded], ['verified', false])
          }
          assert.deepEqual([(await verify('other.txt')).exitCode, reasons(await verify('other.txt'))], [1, ['signature.wrong-subject']])
          assert.deepEqual([(await verify('artifact.txt', 'two.pub')).exitCode, reasons(await verify('artifact.txt', 'two.pub'))], [1, ['signature.wrong-key']])
          assert.deepEqual(
            readdirSync(empty.folder).filter((name) => name.includes('hipaa')),
            [],
          )
        } finally {
          await empty.remove()
        }
      })
    }
  })

  it('is said in the format that is asked for, and in the summary of the job', async () => {
    await cosign(['sign-blob', '--key', 'one.key', '--bundle', 'said.json', ...OFFLINE, 'artifact.txt'])
    const summary = join(workspace.folder, 'summary.md')
    const verify = async (...more: readonly string[]) =>
      workspace.cli(['verify', 'artifact.txt', '--bundle', 'said.json', '--key', 'two.pub', ...more], {env: {GITHUB_STEP_SUMMARY: summary}})
    const sarif = await verify('--format', 'sarif')
    assert.deepEqual([sarif.exitCode, parseSarif(JSON.parse(sarif.stdout)).findings.map(({id}) => id)], [1, ['signature.wrong-key']])
    const junit = await verify('--format', 'junit')
    assert.deepEqual([junit.exitCode, parseJUnit(junit.stdout).failed], [1, 1])
    const json = await verify('--format', 'json')
    assert.deepEqual([json.exitCode, (JSON.parse(json.stdout) as Verdict).verdict], [1, 'failed'])
    const markdown = await verify('--format', 'markdown')
    assert.equal(markdown.exitCode, 1)
    const summaries = readFileSync(summary, 'utf8').split(/^(?=### )/m)
    assert.deepEqual([summaries.length, summaries.at(-1)], [4, `${markdown.stdout}\n`])
    const both = await verify('--format', 'junit', '--json')
    assert.deepEqual([both.exitCode, (both.json as {error: {code: string}}).error.code], [2, 'usage.flag'])
  })

  for (const referrers of [true, false])
    describe(`of an image, on a registry ${referrers ? 'with the referrers API' : 'that knows only the fallback tag'}`, () => {
      let registry: TestRegistry
      before(async () => {
        registry = await startRegistry({referrers})
      })
      after(() => registry.stop())

      const verify = async (image: string, key = 'one.pub') => workspace.cli(['verify', image, '--key', key, '--no-record', '--json'])

      it('under the tag .sig verifies, by its key and for its repository', async () => {
        const repository = `${registry.host}/legacy/signed`
        const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))}`
        assert.deepEqual(reasons(await verify(image)), ['signature.missing'])
        await cosign(['sign', '--key', 'one.key', ...LEGACY, image])
        const good = await verify(image)
        assert.equal(good.exitCode, 0, good.stdout)
        assert.deepEqual(reasons(await verify(image, 'two.pub')), ['signature.wrong-key'])
        const elsewhere = await workspace.cli(['verify', image, '--key', 'one.pub', '--repository', `${registry.host}/legacy/other`, '--no-record', '--json'])
        assert.deepEqual(reasons(elsewhere), ['signature.wrong-repository'])
      })

      it('is verified without a connection to anybody but the registry', async () => {
        const repository = `${registry.host}/quiet/signed`
        const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '9.0.0'}))}`
        await cosign(['sign', '--key', 'one.key', '-a', `repository=${repository}`, ...OFFLINE, image])
        const env = {PATH: process.env['PATH'] ?? '', HOME: workspace.folder}
        const args = [process.execPath, BIN, 'verify', image, '--key', 'one.pub', '--no-record'] as const
        const {exitCode, connections, stdout} = await logConnections(args, {cwd: workspace.folder, env})
        assert.equal(exitCode, 0, stdout)
        assert.deepEqual(destinations(connections), [`inet ${registry.host} node`])
      })

      it('under the tag .att is a statement, and no signature', async () => {
        const repository = `${registry.host}/legacy/attested`
        const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '2.0.0'}))}`
        await cosign(['attest', '--key', 'one.key', '--type', 'custom', '--predicate', 'predicate.json', ...LEGACY, image])
        assert.deepEqual(reasons(await verify(image)), ['signature.missing'])
      })

      it('under the tag .sig counts beside a bundle, which hides it from Cosign', async () => {
        const repository = `${registry.host}/legacy/both`
        const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '3.0.0'}))}`
        await cosign(['sign', '--key', 'two.key', ...LEGACY, image])
        await cosign(['sign', '--key', 'one.key', '-a', `repository=${repository}`, ...OFFLINE, image])
        for (const key of ['one.pub', 'two.pub']) assert.equal((await verify(image, key)).exitCode, 0, key)
      })
    })
})
