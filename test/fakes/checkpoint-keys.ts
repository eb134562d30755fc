/**
 * Keys that sign checkpoints in tests: Ed25519, each made of its own words.
 *
 * Promise: the same words give the same key on every machine, so it protects nothing but a test.
 */
import {createHash, createPrivateKey, createPublicKey, sign} from 'node:crypto'
import {verifierKey, type VerifierKey} from '../../src/lib/ledger/note.ts'
import type {CheckpointKey} from '../../src/lib/ports/keys.ts'

export const ORIGIN = 'log.example/evidence'

export interface TestCheckpointKey extends CheckpointKey {
  readonly verifier: VerifierKey
  /** PKCS#8 PEM. */
  readonly pem: string
  readonly signNow: (text: Uint8Array) => Uint8Array
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function testCheckpointKey(words = 'the log of the tests', origin = ORIGIN): TestCheckpointKey {
  const seed = createHash('sha256').update(words).digest()
  const key = createPrivateKey({key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8'})
  const spki = createPublicKey(key).export({format: 'der', type: 'spki'})
  const signNow = (text: Uint8Array) => sign(null, text, key)
  return {spki, pem: key.export({format: 'pem', type: 'pkcs8'}).toString(), verifier: verifierKey(origin, spki), signNow, sign: async (text) => signNow(text)}
}
