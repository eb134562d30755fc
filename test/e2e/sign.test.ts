/** Our signature is one that Cosign itself accepts: pushed to a registry, and copied there from a layout. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {gunzipSync} from 'node:zlib'
import {copyImage} from '../../src/lib/images/copy-image.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {openLayout} from '../../src/lib/registry/layout.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {pushImage, writeLayout} from '../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

/** `cosign verify`, offline, with a key. Its exit code is what is asked for. */
const cosignVerify: ToolSpec<{image: string; key: string; annotations?: readonly string[]}, {exitCode: number; stdout: string}> = {
  tool: 'cosign',
  answers: [0, 1, 10, 11],
  outputs: [],
  argv: ({image, key, annotations = []}) => ['verify', '--key', key, '--insecure-ignore-tlog', ...annotations.flatMap((pair) => ['-a', pair]), image],
  parse: ({exitCode, stdout}) => ({exitCode, stdout}),
}

for (const referrers of [true, false]) {
  describe(`sign, against a registry ${referrers ? 'with the referrers API' : 'that knows only the fallback tag'}`, function () {
    this.timeout(120_000)
    let registry: TestRegistry
    let workspace: Workspace
    let pub: string
    const cosign = async (image: string, ...annotations: string[]) =>
      (await createRunTool({cwd: workspace.folder, env: process.env})(cosignVerify, {image, key: pub, annotations})).value

    before(async () => {
      registry = await startRegistry({referrers})
      workspace = await createWorkspace()
      const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])
      assert.equal(made.exitCode, 0, made.stderr)
      pub = join(workspace.folder, 'cosign.pub')
    })
    after(async () => {
      await registry.stop()
      await workspace.remove()
    })

    it('passes cosign verify, for an image', async () => {
      const repository = `${registry.host}/clinic/api`
      const digest = await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))
      assert.equal((await cosign(`${repository}@${digest}`)).exitCode === 0, false, 'unsigned, so Cosign must refuse it')
      const signed = await workspace.cli(['sign', `${repository}@${digest}`, '--json'])
      assert.equal(signed.exitCode, 0, signed.stderr)
      assert.equal((await cosign(`${repository}@${digest}`, `repository=${repository}`)).exitCode, 0)
      assert.notEqual((await cosign(`${repository}@${digest}`, 'repository=elsewhere')).exitCode, 0)
    })

    it('passes cosign verify, for an index and each of its platforms', async () => {
      const repository = `${registry.host}/clinic/multi`
      const index = serviceIndex({version: '1.0.0'})
      const digest = await pushImage(openRegistry(repository), index)
      const signed = await workspace.cli(['sign', `${repository}@${digest}`])
      assert.equal(signed.exitCode, 0, signed.stderr)
      for (const each of [digest, ...index.children.map(({descriptor}) => descriptor.digest)])
        assert.equal((await cosign(`${repository}@${each}`)).exitCode, 0, each)
    })

    it('passes cosign verify when copied from a layout', async () => {
      const repository = `${registry.host}/clinic/copied`
      const layout = join(workspace.folder, 'layout')
      const digest = await writeLayout(layout, serviceImage({version: '2.0.0'}))
      const signed = await workspace.cli(['sign', layout, '--repository', repository])
      assert.equal(signed.exitCode, 0, signed.stderr)
      await copyImage(await openLayout(layout), openRegistry(repository), digest, {referrers: true})
      assert.equal((await cosign(`${repository}@${digest}`)).exitCode, 0)
    })

    it('says for which repository, from which source and commit, and in which run', async () => {
      const git = async (...args: readonly string[]) => {
        const identity = ['-c', 'user.name=Synthetic', '-c', 'user.email=synthetic@clinic.example'] as const
        const result = await run(['git', ...identity, ...args], {cwd: workspace.folder, timeout: 20_000})
        assert.ok(result.kind === 'exited' && result.exitCode === 0, JSON.stringify(result))
        return result.stdout.trim()
      }
      await git('init', '--quiet')
      await git('remote', 'add', 'origin', 'https://git.example/clinic/api.git')
      await git('commit', '--quiet', '--allow-empty', '-m', 'synthetic')
      const commit = await git('rev-parse', 'HEAD')
      const repository = `${registry.host}/clinic/said`
      const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '4.0.0'}))}`
      assert.equal((await workspace.cli(['sign', image])).exitCode, 0)
      const {exitCode, stdout} = await cosign(image, `repository=${repository}`, 'source=git.example/clinic/api', `commit=${commit}`)
      assert.equal(exitCode, 0, stdout)
      assert.match(stdout, /"run":\s*"urn:hipaa-ci:run:[0-9A-Z]{26}"/)
      assert.notEqual((await cosign(image, `commit=${'0'.repeat(40)}`)).exitCode, 0)
    })

    it('changes nothing when signed twice', async () => {
      const repository = `${registry.host}/clinic/twice`
      const store = openRegistry(repository)
      const digest = await pushImage(store, serviceImage({version: '3.0.0'}))
      await workspace.cli(['sign', `${repository}@${digest}`])
      const before = await store.referrers(digest)
      const again = await workspace.cli(['sign', `${repository}@${digest}`, '--json'])
      assert.equal(again.exitCode, 0, again.stderr)
      assert.equal((again.json as {signed: boolean}).signed, false)
      assert.deepEqual(await store.referrers(digest), before)
    })

    it('refuses a tag, with the digest to use', async () => {
      const repository = `${registry.host}/clinic/tagged`
      const digest = await pushImage(openRegistry(repository), serviceImage({version: '4.0.0'}), 'v4')
      const refused = await workspace.cli(['sign', `${repository}:v4`, '--json'])
      assert.equal(refused.exitCode, 2)
      const {error} = refused.json as {error: {code: string; suggestions: string[]}}
      assert.equal(error.code, 'usage.tag')
      assert.match(error.suggestions.join(' '), new RegExp(`${repository}@${digest}`))
    })

    it('leaves nothing of the private key in any record or blob', async () => {
      const secret = (await readFile(join(workspace.folder, 'cosign.key'), 'utf8')).split('\n').filter((line) => line.length > 40)
      assert.ok(secret.length > 1)
      const store = openFolderStore(join(workspace.folder, '.hipaa-ci', 'evidence'))
      let looked = 0
      for await (const key of store.list('')) {
        const bytes = Buffer.from((await store.get(key)) ?? [])
        const text = (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
        assert.equal(
          secret.some((line) => text.includes(line)),
          false,
          key,
        )
        looked += 1
      }
      assert.ok(looked >= 8, `${looked} objects`)
    })
  })
}
