import assert from 'node:assert/strict'
import {generateKeyPairSync} from 'node:crypto'
import {verifierKeys} from '../../../../src/lib/actions/ledger/verifier-keys.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {verifierKey} from '../../../../src/lib/ledger/note.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'

const ORIGIN = 'acme.example/evidence'
const pair = () => {
  const {publicKey, privateKey} = generateKeyPairSync('ed25519')
  const spki = publicKey.export({format: 'der', type: 'spki'})
  const pem = publicKey.export({format: 'pem', type: 'spki'}).toString()
  return {spki, pem, privatePem: privateKey.export({format: 'pem', type: 'pkcs8'}).toString(), key: verifierKey(ORIGIN, spki)}
}

/** @param files by absolute path. @param opens what `sealing.key` turns out to be */
function contextWith(sealing: object | undefined, files: Record<string, string> = {}, opens?: Uint8Array) {
  return quietContext({
    config: {...Config.parse({version: 1, system: 'patient-api', ...(sealing !== undefined && {sealing: {origin: ORIGIN, ...sealing}})}), root: '/project'},
    files: {
      exists: async (path) => path in files,
      async read(path) {
        const text = files[path]
        if (text === undefined) throw new AppError('usage.input', `there is no file ${path}`)
        return Buffer.from(text)
      },
    },
    checkpointKey: async (reference) => {
      assert.ok(opens !== undefined, `${reference} must not be opened`)
      return {spki: opens, sign: async () => assert.fail('nothing is signed')}
    },
  })
}

describe('verifierKeys', () => {
  const [a, b, c] = [pair(), pair(), pair()]
  const texts = async (given: readonly string[], context: ReturnType<typeof contextWith>, origin?: string) =>
    (await verifierKeys(given, context, origin === undefined ? {} : {origin})).map(({text}) => text)

  it('takes what was given, as text, in a file of lines, and as PEM, each once', async () => {
    const files = {'/project/keys.txt': `# synthetic\n${a.key.text}\n\n${b.key.text}\r\n`, '/elsewhere/c.pem': c.pem}
    const given = [b.key.text, 'keys.txt', 'file:/elsewhere/c.pem']
    assert.deepEqual(await texts(given, contextWith({}, files)), [b.key.text, a.key.text, c.key.text])
  })

  it('does not add to it what the configuration trusts', async () => {
    assert.deepEqual(await texts([a.key.text], contextWith({keys: [b.key.text], key: 'file:/project/c.key'})), [a.key.text])
  })

  it('names a key in PEM by --origin, else by the configuration, else asks', async () => {
    const files = {'/project/a.pub': a.pem}
    assert.deepEqual(await texts(['a.pub'], contextWith(undefined, files), 'other.example/log'), [verifierKey('other.example/log', a.spki).text])
    await assert.rejects(texts(['a.pub'], contextWith(undefined, files)), {code: 'usage.flag', message: /which log it signs for/})
  })

  it('takes sealing.keys before sealing.key', async () => {
    assert.deepEqual(await texts([], contextWith({keys: [a.key.text, b.key.text], key: 'file:/project/c.key'})), [a.key.text, b.key.text])
  })

  it('takes the public half beside a key file, without opening it', async () => {
    const files = {'/project/checkpoint.pub': `${a.key.text}\n`, '/project/pem.pub': b.pem}
    assert.deepEqual(await texts([], contextWith({key: 'file:/project/checkpoint.key'}, files)), [a.key.text])
    assert.deepEqual(await texts([], contextWith({key: 'file:/project/pem.pem'}, files)), [b.key.text])
  })

  it('opens the key where nothing lies beside it, and asks a key service', async () => {
    for (const key of ['file:/project/checkpoint.key', 'awskms:///alias/evidence-checkpoint'])
      assert.deepEqual(await texts([], contextWith({key}, {}, a.spki)), [a.key.text])
  })

  it('knows none where nothing says any', async () => {
    assert.deepEqual(await texts([], contextWith(undefined)), [])
    assert.deepEqual(await texts([], contextWith({})), [])
  })

  for (const [what, text, code] of [
    ['a private key', a.privatePem, 'key.unreadable'],
    ['nothing', '\n# none\n', 'checkpoint.unreadable-key'],
    ['something else', 'acme.example/evidence+00000000+AQID', 'checkpoint.unreadable-key'],
    ['a broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'key.unreadable'],
    ['an RSA key', generateKeyPairSync('rsa', {modulusLength: 2048}).publicKey.export({format: 'pem', type: 'spki'}).toString(), 'key.unsupported'],
    ['more than keys', `${a.key.text}\n${'x'.repeat(70_000)}`, 'checkpoint.unreadable-key'],
  ] as const)
    it(`refuses a file that holds ${what}`, async () => {
      await assert.rejects(texts(['k'], contextWith({}, {'/project/k': text})), {code})
    })

  it('says which file is not there', async () => {
    await assert.rejects(texts(['nowhere.pub'], contextWith({})), {code: 'usage.input', message: 'there is no file /project/nowhere.pub'})
  })
})
