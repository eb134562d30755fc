import assert from 'node:assert/strict'
import {generateKeyPairSync} from 'node:crypto'
import {openSealingKey} from '../../../../src/lib/actions/ledger/open-sealing-key.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {verifierKey} from '../../../../src/lib/ledger/note.ts'
import type {CheckpointKey} from '../../../../src/lib/ports/keys.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {FACTS} from '../../../fakes/recorder-parts.ts'

const origin = 'acme.example/evidence'
const spki = generateKeyPairSync('ed25519').publicKey.export({format: 'der', type: 'spki'})
const verifier = verifierKey(origin, spki)
const FILE = 'file:/project/checkpoint.key'
const KMS = 'awskms:///alias/evidence-checkpoint'

interface World {
  readonly ci?: boolean
  readonly credential?: CheckpointKey['credential']
  readonly allow?: readonly string[]
}

describe('openSealingKey', () => {
  let opened: string[]
  beforeEach(() => (opened = []))
  const open = async (sealing: object | undefined, {ci = false, credential, allow}: World = {}) =>
    openSealingKey(
      quietContext({
        config: {
          ...Config.parse({
            version: 1,
            system: 'patient-api',
            ...(sealing !== undefined && {sealing: {origin, ...sealing}}),
            ...(allow !== undefined && {signing: {'allow-long-lived': allow}}),
          }),
          root: '/project',
        },
        ci: async () => ({...FACTS, ci}),
        checkpointKey: async (reference) => {
          opened.push(reference)
          return {spki, sign: async (text) => text, ...(credential !== undefined && {credential})}
        },
      }),
    )

  it('opens it, named by the log', async () => {
    const key = await open({key: FILE, keys: [verifier.text]})
    assert.deepEqual([key.reference, key.origin, key.verifier], [FILE, origin, verifier])
    assert.deepEqual(await key.sign(Uint8Array.of(7)), Uint8Array.of(7))
  })

  it('says that none is configured', async () => {
    for (const sealing of [undefined, {}]) await assert.rejects(open(sealing), {code: 'sealing.missing', message: 'no key that seals is configured'})
  })

  it('refuses a key file in CI before it is opened, unless it is allowed by name', async () => {
    await assert.rejects(open({key: FILE}, {ci: true}), {code: 'credentials.long-lived', message: /^the key \/project\/checkpoint\.key does not end/})
    assert.deepEqual(opened, [])
    await assert.rejects(open({key: FILE}, {ci: true, allow: ['aws-access-key']}), {code: 'credentials.long-lived'})
    await open({key: FILE}, {ci: true, allow: ['key-file']})
    await open({key: FILE})
  })

  it('refuses an AWS access key in CI, and takes a role', async () => {
    await assert.rejects(open({key: KMS}, {ci: true, credential: 'access-key'}), {code: 'credentials.long-lived', message: /AWS access key/})
    await open({key: KMS}, {ci: true, credential: 'access-key', allow: ['aws-access-key']})
    await open({key: KMS}, {ci: true, credential: 'web-identity'})
    await open({key: KMS}, {credential: 'access-key'})
  })

  it('refuses a key whose checkpoints no reader would accept', async () => {
    const other = verifierKey(origin, generateKeyPairSync('ed25519').publicKey.export({format: 'der', type: 'spki'}))
    await assert.rejects(open({key: FILE, keys: [other.text]}), (error: Error & {code: string}) => {
      return error.code === 'key.not-trusted' && error.message.includes(verifier.text)
    })
    await open({key: FILE, keys: [other.text, verifier.text]})
  })
})
