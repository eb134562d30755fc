/** Over a real folder and the real git. */
import assert from 'node:assert/strict'
import {readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {generateSealingKey} from '../../../../src/lib/actions/keys/generate-sealing-key.ts'
import {loadConfig} from '../../../../src/lib/config/load.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {openKeyFile} from '../../../../src/lib/keys/open-key-file.ts'
import {isSignedBy, parseVerifierKey} from '../../../../src/lib/ledger/note.ts'
import {fileReader} from '../../../../src/lib/stores/file-reader.ts'
import {testSigner} from '../../../fakes/checkpoints.ts'
import {fakeSetup, gitIn} from '../../../fakes/setup-context.ts'
import {scratch} from '../../../scratch.ts'

const ORIGIN = 'acme.example/evidence'
const OLD = testSigner('ed25519', ORIGIN).verifier.text

describe('generateSealingKey', () => {
  const root = scratch()
  const generate = async (request: object = {}, {sealing, variables = {}}: {readonly sealing?: object; readonly variables?: Record<string, string>} = {}) => {
    const setup = fakeSetup(root(), variables)
    const config = {...Config.parse({version: 1, system: 'patient-api', ...(sealing !== undefined && {sealing})}), root: root()}
    const checkpointKey = async () => assert.fail('no key is opened')
    const result = await generateSealingKey({prefix: 'keys/checkpoint', origin: ORIGIN, ...request}, {...setup, config, files: fileReader, checkpointKey})
    return {...result, notes: setup.notes}
  }
  const open = async (path: string, password?: string) =>
    openKeyFile(path, {env: password === undefined ? {} : {HIPAA_CI_SEALING_PASSWORD: password}, note: (text) => assert.fail(text)})

  it('writes a pair that belongs together, the private half for its owner alone and out of the sight of git', async () => {
    await gitIn(root())(['init', '--quiet'])
    const {privateKey, publicKey, verifierKey, ignored} = await generate()
    assert.equal((await stat(privateKey)).mode & 0o777, 0o600)
    assert.deepEqual(ignored.lines, ['/keys/checkpoint.key'])
    assert.equal(await readFile(publicKey, 'utf8'), `${verifierKey}\n`)
    const key = parseVerifierKey(verifierKey)
    assert.deepEqual([key.name, key.algorithm], [ORIGIN, 'ed25519'])
    const {sign} = await open(privateKey)
    assert.ok(isSignedBy(key, Buffer.from('a\n'), await sign(Buffer.from('a\n'))))
  })

  it('encrypts it where there is a password, and says so where there is none', async () => {
    const {privateKey, notes} = await generate({}, {variables: {HIPAA_CI_SEALING_PASSWORD: 'correct horse'}})
    assert.deepEqual(notes, [])
    await open(privateKey, 'correct horse')
    await assert.rejects(open(privateKey), {code: 'key.unreadable'})
    const bare = await generate({prefix: 'other'})
    assert.match(bare.notes.join(''), /HIPAA_CI_SEALING_PASSWORD is not set: the key gets no password, and whoever can read other\.key/)
  })

  it('prints lines that load, with the keys that sealed before', async () => {
    const {lines, verifierKey, privateKey} = await generate({}, {sealing: {origin: ORIGIN, keys: [OLD]}})
    await writeFile(join(root(), 'hipaa-ci.yaml'), `version: 1\nsystem: patient-api\n${lines.join('\n')}\n`)
    const {sealing} = await loadConfig({cwd: root(), env: {}})
    assert.deepEqual([sealing?.key, sealing?.origin, sealing?.keys], [`file:${privateKey}`, ORIGIN, [OLD, verifierKey]])
  })

  it('keeps the key that sealed until now where only its file is configured', async () => {
    const first = await generate({prefix: 'first'})
    const {lines} = await generate({}, {sealing: {origin: ORIGIN, key: `file:${first.privateKey}`}})
    assert.deepEqual(lines.slice(-2), [`    - "${first.verifierKey}"`, lines.at(-1)])
  })

  it('takes the name of the log from the configuration, and asks for one otherwise', async () => {
    const {origin} = await generate({origin: undefined}, {sealing: {origin: 'acme.example/configured'}})
    assert.equal(origin, 'acme.example/configured')
    await assert.rejects(generate({origin: undefined, prefix: 'b'}), {code: 'usage.flag', message: /nothing says what the log is called/})
    for (const wrong of ['https://acme.example', 'a b', 'a+b', '']) await assert.rejects(generate({origin: wrong, prefix: 'b'}), {code: 'usage.flag'})
  })

  it('overwrites nothing', async () => {
    await generate()
    await assert.rejects(generate(), {code: 'key.exists'})
  })
})
