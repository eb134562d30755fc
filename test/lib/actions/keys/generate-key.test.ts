/** Over a real folder and the real git; the real Cosign makes a pair in `test/e2e/init.test.ts`. */
import assert from 'node:assert/strict'
import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {generateKey} from '../../../../src/lib/actions/keys/generate-key.ts'
import {readPublicKey} from '../../../../src/lib/policy/public-key.ts'
import {fakeSetup, gitIn} from '../../../fakes/setup-context.ts'

describe('generateKey', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hipaa-ci-generate-'))
  })
  afterEach(async () => rm(root, {recursive: true}))

  const generate = async (prefix: string, cwd = root) => generateKey({prefix}, fakeSetup(cwd))
  const read = async (name: string) => readFile(join(root, name), 'utf8')

  it('writes the pair, the private half for its owner alone, and tells the digest that a pin names', async () => {
    const {privateKey, publicKey, spki} = await generate('keys/promotion')
    assert.deepEqual([privateKey, publicKey], [join(root, 'keys/promotion.key'), join(root, 'keys/promotion.pub')])
    assert.equal((await stat(privateKey)).mode & 0o777, 0o600)
    assert.equal(spki, `sha256:${readPublicKey(await read('keys/promotion.pub'))?.spki}`)
  })

  it('has the private half ignored by git, by its path with the folder, though the folder is new', async () => {
    await gitIn(root)(['init', '--quiet'])
    const {ignored} = await generate('keys/promotion')
    assert.deepEqual(ignored, {file: join(root, '.gitignore'), lines: ['/keys/promotion.key']})
    await gitIn(root)(['add', '.'])
    assert.equal((await gitIn(root)(['ls-files']))?.stdout, '.gitignore\nkeys/promotion.pub\n')
  })

  it('takes signs in a name for what they are', async () => {
    await gitIn(root)(['init', '--quiet'])
    await generate('keys[1]/a*b')
    assert.equal(await read('.gitignore'), `${String.raw`/keys\[1\]/a\*b.key`}\n`)
  })

  it('ignores a key outside of the working folder beside it, where that is a repository', async () => {
    await gitIn(root)(['init', '--quiet'])
    const {ignored} = await generate('../other/a', join(root, 'here'))
    assert.deepEqual(ignored, {file: join(root, 'other/.gitignore'), lines: ['/a.key']})
  })

  it('writes no line of that kind outside of every repository', async () => {
    assert.deepEqual((await generate('../other/a', join(root, 'here'))).ignored.lines, [])
    await assert.rejects(read('other/.gitignore'), {code: 'ENOENT'})
  })

  for (const ending of ['key', 'pub'])
    it(`overwrites no .${ending}, and makes nothing then`, async () => {
      await writeFile(join(root, `a.${ending}`), 'mine')
      const context = fakeSetup(root)
      await assert.rejects(generateKey({prefix: 'a'}, context), {code: 'key.exists'})
      assert.equal(await read(`a.${ending}`), 'mine')
      assert.deepEqual(context.passwords, [])
      await assert.rejects(read('.gitignore'), {code: 'ENOENT'})
    })

  it('refuses the name of a log, which this key is not for', async () => {
    await assert.rejects(generateKey({prefix: 'a', origin: 'acme.example/log'}, fakeSetup(root)), {code: 'usage.flag', message: /--for sealing/})
  })

  it('makes no key where git would take it in', async () => {
    await gitIn(root)(['init', '--quiet'])
    await writeFile(join(root, '.gitignore'), '/a.key\n!a.key\n')
    const context = fakeSetup(root)
    await assert.rejects(generateKey({prefix: 'a'}, context), {code: 'usage.input', message: /in spite of the line/})
    assert.deepEqual(context.passwords, [])
  })

  for (const [prefix, code] of [
    ['', 'usage.empty'],
    [' ', 'usage.empty'],
    ['keys/', 'usage.input'],
    ['..', 'usage.input'],
    ['a\nb', 'usage.input'],
  ] as const)
    it(`refuses ${JSON.stringify(prefix)} as a name`, async () => assert.rejects(generate(prefix), {code}))
})
