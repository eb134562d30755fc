/**
 * Keys that sign checkpoints, and checkpoints.
 *
 * Promise: keys are fresh; a checkpoint is a note as the sealer writes it, with a root that is a hash of `says`. There
 * is no log behind it.
 */
import {createHash, generateKeyPairSync, sign, type KeyObject} from 'node:crypto'
import {checkpointNote, checkpointText, parseCheckpoint, type Checkpoint} from '../../src/lib/ledger/checkpoint.ts'
import {verifierKey, type NoteAlgorithm, type VerifierKey} from '../../src/lib/ledger/note.ts'

export const ORIGIN = 'acme.example/evidence'

export interface TestSigner {
  readonly verifier: VerifierKey
  readonly privateKey: KeyObject
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicPem: string
  sign(text: Uint8Array): Uint8Array
  checkpoint(size: number, says?: string): Checkpoint
}

export function testSigner(algorithm: NoteAlgorithm = 'ed25519', origin: string = ORIGIN): TestSigner {
  const {publicKey, privateKey} = algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const verifier = verifierKey(origin, publicKey.export({format: 'der', type: 'spki'}))
  const signText = (text: Uint8Array) => sign(algorithm === 'ed25519' ? null : 'sha256', text, privateKey)
  return {
    verifier,
    privateKey,
    publicPem: publicKey.export({format: 'pem', type: 'spki'}).toString(),
    sign: signText,
    checkpoint(size, says = 'synthetic') {
      const head = {origin, size, root: createHash('sha256').update(`${says} ${size}`).digest('hex')}
      return parseCheckpoint(checkpointNote(head, verifier, signText(Buffer.from(checkpointText(head)))))
    },
  }
}
