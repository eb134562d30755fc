/**
 * What a proof carries beside the path, in its `extra` line: the leaf and the record that it is about. Pure.
 *
 *   {"v":1,"leaf":"<the leaf's bytes, which are JSON>","record":"<base64 of the record's stored gzip bytes>"}
 *
 * In exactly this form, without a space: what means the same and reads otherwise is refused. Nothing in it is to be
 * trusted before the leaf was found in a signed tree.
 */
import {AppError} from '../errors.ts'
import {MAX_LEAF_BYTES} from './leaf.ts'

export interface ProofExtra {
  readonly leaf: Uint8Array
  /** As it is stored, gzip. */
  readonly record: Uint8Array
}

const FORM = /^\{"v":1,"leaf":("(?:[^"\\]|\\.)*"),"record":"([A-Za-z0-9+/]+={0,2})"\}$/s

export function encodeExtra({leaf, record}: ProofExtra): Uint8Array {
  return Buffer.from(text(Buffer.from(leaf).toString('utf8'), Buffer.from(record)))
}

/** @throws AppError `proof.unreadable` */
export function decodeExtra(bytes: Uint8Array): ProofExtra {
  const whole = Buffer.from(bytes).toString('utf8')
  const [, quoted, encoded] = FORM.exec(whole) ?? []
  const leaf = quoted === undefined ? undefined : unquoted(quoted)
  const record = Buffer.from(encoded ?? '', 'base64')
  if (leaf === undefined || whole !== text(leaf, record) || Buffer.compare(Buffer.from(whole), bytes) !== 0 || Buffer.byteLength(leaf) > MAX_LEAF_BYTES)
    throw new AppError('proof.unreadable', 'the proof does not carry a leaf and a record')
  return {leaf: Buffer.from(leaf), record}
}

function text(leaf: string, record: Buffer): string {
  return JSON.stringify({v: 1, leaf, record: record.toString('base64')})
}

function unquoted(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' && value.isWellFormed() ? value : undefined
  } catch {
    return undefined
  }
}
