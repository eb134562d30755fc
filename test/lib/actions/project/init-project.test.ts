import assert from 'node:assert/strict'
import {mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {initProject, type InitRequest} from '../../../../src/lib/actions/project/init-project.ts'
import {loadConfig} from '../../../../src/lib/config/load.ts'
import {parseVerifierKey} from '../../../../src/lib/ledger/note.ts'
import {readPublicKey} from '../../../../src/lib/policy/public-key.ts'
import {fakeSetup, gitIn} from '../../../fakes/setup-context.ts'

describe('initProject', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hipaa-ci-init-'))
  })
  afterEach(async () => rm(root, {recursive: true}))

  const init = async (request: Partial<InitRequest> = {}, context = fakeSetup(root)) => initProject({generateKey: false, force: false, ...request}, context)
  const read = async (name: string) => readFile(join(root, name), 'utf8')
  const git = async (...args: string[]) => {
    const answer = await gitIn(root)(['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args])
    assert.equal(answer?.exitCode, 0, args.join(' '))
    return answer.stdout
  }

  it('writes a configuration that loads, and lets nothing pass without a key', async () => {
    const result = await init({repository: 'registry.example/team/app'})
    const config = await loadConfig({cwd: root, env: {}})
    assert.equal(config.system, 'patient-api')
    assert.equal(config.signing.key, undefined)
    assert.deepEqual(config.environments, {local: {repository: 'registry.example/team/app', match: {clusters: ['local'], namespaces: ['*']}}})
    assert.equal(result.key, undefined)
    assert.deepEqual(result.next, ['hipaa-ci init --force --generate-key --repository registry.example/team/app', 'hipaa-ci doctor'])
  })

  it('says again, in what to type next, all that was given', async () => {
    const {next} = await init({system: "the clinic's app", repository: 'registry.example/team/app', store: 'folder:ev'})
    assert.equal(
      next[0],
      String.raw`hipaa-ci init --force --generate-key --system 'the clinic'\''s app' --repository registry.example/team/app --store folder:ev`,
    )
  })

  it('makes a key pair that the environment trusts, the private half for its owner alone', async () => {
    const context = fakeSetup(root, {COSIGN_PASSWORD: 'correct horse', HIPAA_CI_SEALING_PASSWORD: 'synthetic'})
    const result = await init({generateKey: true}, context)
    const config = await loadConfig({cwd: root, env: {}})
    const spki = readPublicKey(await read('cosign.pub'))?.spki
    assert.equal(result.key?.spki, spki)
    assert.deepEqual(config.environments['local']?.requires, {
      signature: {keys: [{spki: `sha256:${spki}`, file: 'cosign.pub', status: 'active'}]},
      sbom: {},
      provenance: {},
      scan: {'max-age': 604_800_000},
      gate: {},
    })
    assert.equal(config.signing.key, `file:${join(root, 'cosign.key')}`)
    assert.equal((await stat(join(root, 'cosign.key'))).mode & 0o777, 0o600)
    assert.deepEqual([context.passwords, context.notes], [['correct horse'], []])
  })

  it('says so where the key gets an empty password', async () => {
    const context = fakeSetup(root)
    await init({generateKey: true}, context)
    assert.deepEqual(context.passwords, [''])
    assert.match(context.notes.join(''), /COSIGN_PASSWORD is not set/)
  })

  it('makes a key that seals, and names the log after the system', async () => {
    const result = await init({generateKey: true, system: 'Ärzte & Patienten'}, fakeSetup(root, {HIPAA_CI_SEALING_PASSWORD: 'synthetic'}))
    const {sealing} = await loadConfig({cwd: root, env: {}})
    const text = (await read('checkpoint.pub')).trim()
    assert.deepEqual([sealing?.key, sealing?.origin, sealing?.keys], [`file:${join(root, 'checkpoint.key')}`, 'arzte-patienten.local/evidence', [text]])
    assert.deepEqual([result.sealing?.made, result.sealing?.verifierKey, parseVerifierKey(text).name], [true, text, sealing?.origin])
    assert.equal((await stat(join(root, 'checkpoint.key'))).mode & 0o777, 0o600)
    assert.match(await read('checkpoint.key'), /BEGIN ENCRYPTED PRIVATE KEY/)
  })

  it('goes on with the log that is there, under the name that it has', async () => {
    await init({generateKey: true})
    const [key, text] = [await read('checkpoint.key'), (await read('checkpoint.pub')).trim()]
    for (const name of ['cosign.key', 'cosign.pub']) await rm(join(root, name))
    await init({generateKey: true, force: true, system: 'renamed'})
    const {sealing} = await loadConfig({cwd: root, env: {}})
    assert.deepEqual([sealing?.origin, sealing?.keys, await read('checkpoint.key')], ['patient-api.local/evidence', [text], key])
    await rm(join(root, 'checkpoint.key'))
    await init({force: true})
    const reader = (await loadConfig({cwd: root, env: {}})).sealing
    assert.deepEqual([reader?.key, reader?.keys], [undefined, [text]])
  })

  it('replaces no key that seals, though its public half is gone', async () => {
    await writeFile(join(root, 'checkpoint.key'), 'mine')
    await assert.rejects(init({generateKey: true}), {code: 'key.exists', message: /checkpoint\.pub is not beside it$/})
    assert.equal(await read('checkpoint.key'), 'mine')
  })

  it('pins a key that is there, and signs with it only where its private half is', async () => {
    await init({generateKey: true})
    const pub = await read('cosign.pub')
    await rm(join(root, 'cosign.key'))
    const result = await init({force: true})
    assert.equal(result.key?.spki, readPublicKey(pub)?.spki)
    assert.equal((await loadConfig({cwd: root, env: {}})).signing.key, undefined)
    assert.equal(await read('cosign.pub'), pub)
  })

  it('never replaces a configuration unasked', async () => {
    await init()
    const before = await read('hipaa-ci.yaml')
    await assert.rejects(init({system: 'other'}), {code: 'config.exists', exitCode: 2})
    assert.equal(await read('hipaa-ci.yaml'), before)
    assert.equal((await init({system: 'other', force: true})).replaced, true)
    assert.equal((await loadConfig({cwd: root, env: {}})).system, 'other')
  })

  it('replaces a broken configuration', async () => {
    await writeFile(join(root, 'hipaa-ci.yaml'), 'version: [\n')
    await init({force: true})
    await loadConfig({cwd: root, env: {}})
  })

  it('never replaces a key, not even when forced', async () => {
    await init({generateKey: true})
    const before = [await read('cosign.key'), await read('cosign.pub'), await read('hipaa-ci.yaml')]
    await assert.rejects(init({generateKey: true, force: true}), {code: 'key.exists', exitCode: 2, message: /cosign\.key is there already$/})
    await rm(join(root, 'cosign.key'))
    await assert.rejects(init({generateKey: true, force: true}), {code: 'key.exists', message: /cosign\.pub is there already$/})
    assert.deepEqual([await read('cosign.pub'), await read('hipaa-ci.yaml')], before.slice(1))
  })

  it('leaves no key where Cosign fails', async () => {
    const context = {...fakeSetup(root), runTool: () => Promise.reject(new Error('cosign is not there'))}
    await assert.rejects(initProject({generateKey: true, force: false}, context), /cosign is not there/)
    for (const name of ['cosign.key', 'cosign.pub', 'checkpoint.key', 'checkpoint.pub', 'hipaa-ci.yaml'])
      await assert.rejects(stat(join(root, name)), {code: 'ENOENT'})
  })

  it('refuses a public key that is none', async () => {
    await writeFile(join(root, 'cosign.pub'), 'not a key')
    await assert.rejects(init(), {code: 'key.unreadable', exitCode: 2})
  })

  it('refuses a name that no system can have, and an image for a repository', async () => {
    for (const system of ['', ' ', 'unnamed', 'a\nb', 'x'.repeat(257)]) await assert.rejects(init({system}), {code: 'usage.flag'})
    await assert.rejects(init({repository: 'registry.example/team/app:1.0'}), {code: 'usage.flag'})
    await assert.rejects(init({repository: 'Team App'}), {exitCode: 2})
    await assert.rejects(init({store: 's3://Bucket'}), {code: 'store.unsupported'})
    await assert.rejects(stat(join(root, 'hipaa-ci.yaml')), {code: 'ENOENT'})
  })

  it('takes a bucket as it is named, wherever the file lies', async () => {
    await mkdir(join(root, 'conf'))
    const store = 's3://records-of-clinic/api?region=eu-west-1'
    const {next} = await init({file: 'conf/ours.yaml', store})
    assert.equal((await loadConfig({cwd: root, env: {}, path: 'conf/ours.yaml'})).store, store)
    assert.equal(next[0], `hipaa-ci init --force --generate-key --store '${store}' --file conf/ours.yaml`)
  })

  it('writes where it is told, and keeps the meaning of a relative store', async () => {
    await mkdir(join(root, 'conf'))
    const result = await init({file: 'conf/ours.yaml', store: 'folder:evidence'})
    assert.equal((await loadConfig({cwd: root, env: {}, path: 'conf/ours.yaml'})).store, `folder:${join(root, 'evidence')}`)
    assert.deepEqual(result.next, [
      'hipaa-ci init --force --generate-key --store folder:evidence --file conf/ours.yaml',
      'hipaa-ci doctor --config conf/ours.yaml',
    ])
  })

  it('takes any name as text', async () => {
    await init({system: 'a: "b" #c \\ é'})
    assert.equal((await loadConfig({cwd: root, env: {}})).system, 'a: "b" #c \\ é')
  })

  describe('in a git repository', () => {
    beforeEach(async () => void (await git('init', '--quiet')))

    it('makes git ignore the private key and the evidence, once', async () => {
      await writeFile(join(root, '.gitignore'), 'node_modules/')
      const first = await init({generateKey: true})
      assert.deepEqual(first.ignored, ['/cosign.key', '/checkpoint.key', '/.hipaa-ci/'])
      assert.equal(await read('.gitignore'), 'node_modules/\n/cosign.key\n/checkpoint.key\n/.hipaa-ci/\n')
      await git('add', '--all')
      assert.equal(await git('ls-files'), '.gitignore\ncheckpoint.pub\ncosign.pub\nhipaa-ci.yaml\n')
      assert.deepEqual((await init({force: true})).ignored, [])
    })

    it('adds nothing that git ignores already', async () => {
      await writeFile(join(root, '.gitignore'), '*.key\n.hipaa-ci/\n')
      assert.deepEqual((await init({generateKey: true})).ignored, [])
    })

    it('makes no key that git would take in in spite of the line', async () => {
      await mkdir(join(root, 'a'))
      await writeFile(join(root, '.gitignore'), '*.key\n')
      await writeFile(join(root, 'a', '.gitignore'), '/cosign.key\n!cosign.key\n')
      await assert.rejects(init({generateKey: true, file: 'a/hipaa-ci.yaml'}), {code: 'usage.input', exitCode: 2, message: /git would take/})
      await assert.rejects(stat(join(root, 'a', 'cosign.key')), {code: 'ENOENT'})
    })

    it('makes no key where one is under version control', async () => {
      await writeFile(join(root, 'cosign.key'), 'an old one')
      await git('add', '--force', 'cosign.key')
      await rm(join(root, 'cosign.key'))
      await assert.rejects(init({generateKey: true}), {code: 'usage.input', message: /under version control/})
    })
  })
})
