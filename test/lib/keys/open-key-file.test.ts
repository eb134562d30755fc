import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {generateKeyPairSync, type KeyObject} from 'node:crypto'
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {openKeyFile} from '../../../src/lib/keys/open-key-file.ts'
import {isSignedBy, verifierKey} from '../../../src/lib/ledger/note.ts'
import {scratch} from '../../scratch.ts'

const TEXT = Buffer.from('acme.example/evidence\n1\nsynthetic\n')
const PASSWORD = 'correct horse (invented)'

describe('openKeyFile', () => {
  const folder = scratch()
  const keys: Readonly<Record<string, KeyObject>> = {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    'ECDSA P-256': generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey,
  }
  let notes: string[]
  beforeEach(() => (notes = []))
  const keep = (bytes: string | Uint8Array, mode = 0o600) => {
    const path = join(folder(), 'checkpoint.key')
    writeFileSync(path, bytes)
    chmodSync(path, mode)
    return path
  }
  const pem = (key: KeyObject, passphrase?: string) =>
    key.export({format: 'pem', type: 'pkcs8', ...(passphrase !== undefined && {cipher: 'aes-256-cbc', passphrase})}).toString()
  const open = async (path: string, password?: string) =>
    openKeyFile(path, {env: password === undefined ? {} : {HIPAA_CI_SEALING_PASSWORD: password}, note: (text) => void notes.push(text)})

  for (const [name, key] of Object.entries(keys)) {
    it(`signs so that the public half verifies it: ${name}`, async () => {
      const {spki, sign} = await open(keep(pem(key)))
      assert.ok(isSignedBy(verifierKey('a', spki), TEXT, await sign(TEXT)))
      assert.deepEqual(notes, [])
    })

    it(`opens an encrypted one with its password alone: ${name}`, async () => {
      const path = keep(pem(key, PASSWORD))
      const {spki, sign} = await open(path, PASSWORD)
      assert.ok(isSignedBy(verifierKey('a', spki), TEXT, await sign(TEXT)))
      await assert.rejects(open(path), {code: 'key.unreadable', message: `${path} is encrypted, and HIPAA_CI_SEALING_PASSWORD is not set`})
      await assert.rejects(open(path, ''), {code: 'key.unreadable', message: /is empty$/})
      await assert.rejects(open(path, 'wrong'), {code: 'key.unreadable', message: /HIPAA_CI_SEALING_PASSWORD does not open it/})
    })
  }

  it('opens what openssl made', async () => {
    const path = join(folder(), 'made.key')
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-aes-256-cbc', '-pass', 'pass:synthetic', '-out', path])
    const {spki, sign} = await open(path, 'synthetic')
    assert.ok(isSignedBy(verifierKey('a', spki), TEXT, await sign(TEXT)))
  })

  it('says that others can read it', async () => {
    const path = keep(pem(keys['ed25519'] ?? assert.fail()), 0o640)
    await open(path)
    assert.match(notes.join('\n'), /checkpoint\.key can be read by others \(mode 0640\).*chmod 600/)
  })

  const {publicKey} = generateKeyPairSync('ed25519')
  for (const [what, content, code] of [
    ['a public key', publicKey.export({format: 'pem', type: 'spki'}).toString(), 'key.unreadable'],
    ['nothing', '', 'key.unreadable'],
    ['a key of Cosign', '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n', 'key.unreadable'],
    ['torn PEM', '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n', 'key.unreadable'],
    ['too much', 'x'.repeat(70_000), 'key.unreadable'],
    ['an RSA key', pem(generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey), 'key.unsupported'],
    ['a P-384 key', pem(generateKeyPairSync('ec', {namedCurve: 'P-384'}).privateKey), 'key.unsupported'],
  ] as const)
    it(`refuses a file that holds ${what}`, async () => {
      await assert.rejects(open(keep(content)), {code})
    })

  it('says what is not there, what is a folder, and does not wait for a pipe', async () => {
    await assert.rejects(open(join(folder(), 'nowhere.key')), {code: 'key.missing'})
    mkdirSync(join(folder(), 'folder.key'))
    await assert.rejects(open(join(folder(), 'folder.key')), {code: 'key.unreadable'})
    execFileSync('mkfifo', [join(folder(), 'pipe.key')])
    await assert.rejects(open(join(folder(), 'pipe.key')), {code: 'key.unreadable', message: /is no key file/})
  })
})
