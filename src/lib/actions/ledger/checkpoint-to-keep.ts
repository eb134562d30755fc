/** The newest checkpoint, as its key and its seal vouch for it: what an anchor is made of. The log before is not walked. */
import {AppError} from '../../errors.ts'
import {checkpointKey, sealKey} from '../../evidence/key.ts'
import type {Checkpoint} from '../../ledger/checkpoint.ts'
import {noteSigners, parseNote, type VerifierKey} from '../../ledger/note.ts'
import {decodeSeal} from '../../ledger/seal.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {newestSigned} from './signed-log.ts'

export interface CheckpointToKeep {
  /** Of the seal. */
  readonly n: number
  readonly checkpoint: Checkpoint
  /** Whose signature it is. */
  readonly signer: VerifierKey
  /** UTC, by the sealer's clock. */
  readonly sealedAt: string
}

/** @throws AppError `checkpoint.*`, `seal.missing`, `seal.unreadable`, `store.*` */
export async function checkpointToKeep(store: EvidenceStore, keys: readonly VerifierKey[]): Promise<CheckpointToKeep> {
  const {n, checkpoint} = await newestSigned(store, keys)
  const bytes = await store.get(sealKey(n))
  if (bytes === undefined) throw new AppError('seal.missing', `there is a ${checkpointKey(n)}, and no ${sealKey(n)} that it is of`)
  const {seal} = decodeSeal(bytes, sealKey(n))
  if (seal.origin !== checkpoint.origin || seal.size_after !== checkpoint.size || seal.root_after !== checkpoint.root)
    throw new AppError('checkpoint.contradicts', `${checkpointKey(n)} says something else than ${sealKey(n)}`)
  return {n, checkpoint, signer: signerOf(checkpoint, keys), sealedAt: seal.sealed_at}
}

function signerOf({note, origin}: Checkpoint, keys: readonly VerifierKey[]): VerifierKey {
  const own = keys.filter(({name}) => name === origin)
  const signers = noteSigners(parseNote(note), own)
  const [signer] = signers === 'invalid' ? [] : signers
  if (signer === undefined) throw new AppError('checkpoint.wrong-key', 'none of the keys that count signed the checkpoint')
  return signer
}
