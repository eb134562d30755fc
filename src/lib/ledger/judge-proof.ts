/**
 * What a proof proves: that a log, by its signed checkpoint, holds a leaf, and the leaf a record, byte for byte. Pure.
 *
 * `docs/verify-proof.js` decides the same in a browser; a test holds the two verdicts equal.
 */
import {AppError} from '../errors.ts'
import {openRecord, sha256Hex} from '../evidence/record.ts'
import type {EvidenceRecord} from '../evidence/schema.ts'
import {checkpointFault, parseCheckpoint, type Checkpoint} from './checkpoint.ts'
import {falseLeaf} from './false-leaf.ts'
import {isIncluded} from './inclusion.ts'
import {leafBytes as bytesOf, Leaf} from './leaf.ts'
import {noteSigners, parseNote, type VerifierKey} from './note.ts'
import {decodeExtra} from './proof-extra.ts'
import {parseProof} from './tlog-proof.ts'
import {placeOfKey} from './totals.ts'
import {leafHash} from './tree.ts'

export type ProofVerdict =
  | {
      readonly state: 'verified'
      /** From 0. */
      readonly index: number
      readonly leaf: Leaf
      readonly record: EvidenceRecord
      readonly checkpoint: Checkpoint
      /** By which of the keys it is signed, as verifier key. */
      readonly signedBy: string
    }
  | {readonly state: 'failed'; readonly reason: 'proof.invalid' | 'proof.wrong-key' | 'proof.unreadable'; readonly why: string}

/** @param keys whose word counts */
export function judgeProof(bytes: Uint8Array, keys: readonly VerifierKey[]): ProofVerdict {
  try {
    return judge(bytes, keys)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {state: 'failed', reason: 'proof.unreadable', why: error.message}
  }
}

function judge(bytes: Uint8Array, keys: readonly VerifierKey[]): ProofVerdict {
  const {extra, index, path, checkpoint: note} = parseProof(bytes)
  if (extra === undefined) throw new AppError('proof.unreadable', 'the proof does not carry a leaf and a record')
  const {leaf: leafBytes, record: stored} = decodeExtra(extra)
  const checkpoint = parseCheckpoint(note)

  const fault = checkpointFault(checkpoint, keys)
  const signers = noteSigners(parseNote(note), keys)
  if (fault === 'checkpoint.wrong-key')
    return failed('proof.wrong-key', `its checkpoint, of the log ${checkpoint.origin}, is not signed by the key that was given`)
  if (fault === 'checkpoint.invalid' || signers === 'invalid') return failed('proof.invalid', 'the signature of its checkpoint does not match it')
  if (!isIncluded({index, size: checkpoint.size, leaf: leafHash(leafBytes), path, root: checkpoint.root}))
    return failed('proof.invalid', `its leaf is not number ${index + 1} of the ${checkpoint.size} that the checkpoint is of`)

  const leaf = readLeaf(leafBytes)
  if (leaf.sha256 !== sha256Hex(stored) || leaf.size !== stored.length) return failed('proof.invalid', 'its record is not the one that the log holds there')
  const record = readRecord(stored)
  if (record === undefined) return failed('proof.invalid', 'what the log holds there is no valid record')
  if (!isOf(leaf, stored)) return failed('proof.invalid', 'the log says of the record what the record does not say')
  return {state: 'verified', index, leaf, record, checkpoint, signedBy: signers.find(({name}) => name === checkpoint.origin)?.text ?? ''}
}

function readLeaf(bytes: Uint8Array): Leaf {
  try {
    const leaf = Leaf.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    if (Buffer.compare(bytesOf(leaf), bytes) !== 0) throw new SyntaxError('not in the form of RFC 8785')
    return leaf
  } catch (cause) {
    throw new AppError('proof.unreadable', 'the leaf is in the log, and is none that this version can read', {cause})
  }
}

function readRecord(bytes: Uint8Array): EvidenceRecord | undefined {
  try {
    return openRecord(bytes)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return undefined
  }
}

/** It is the leaf that a sealer makes of these bytes, and nothing was wrong with them. */
function isOf(leaf: Leaf, bytes: Uint8Array): boolean {
  return placeOfKey(leaf.key) !== undefined && leaf.fault === undefined && falseLeaf(leaf, 0, bytes) === undefined
}

function failed(reason: 'proof.invalid' | 'proof.wrong-key', why: string): ProofVerdict {
  return {state: 'failed', reason, why}
}
