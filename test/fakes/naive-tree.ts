/**
 * Trees, paths and consistency proofs by the recursive definitions of RFC 6962, section 2.1: slow, and of another build
 * than what is tested against them.
 *
 * Promise: each function is its definition, line by line, over leaves in memory.
 */
import {createHash} from 'node:crypto'

const hash = (...parts: readonly (Uint8Array | string)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest()

/** MTH(D[n]), hex. */
export function naiveRoot(leaves: readonly Uint8Array[]): string {
  return mth(leaves).toString('hex')
}

/** PATH(m, D[n]), hex. */
export function naivePath(m: number, leaves: readonly Uint8Array[]): string[] {
  if (leaves.length <= 1) return []
  const k = split(leaves.length)
  return m < k ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))] : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))]
}

/** PROOF(m, D[n]), hex. */
export function naiveConsistency(m: number, leaves: readonly Uint8Array[]): string[] {
  return m === 0 ? [] : subproof(m, leaves, true)
}

function subproof(m: number, leaves: readonly Uint8Array[], whole: boolean): string[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)]
  const k = split(leaves.length)
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
  return [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))]
}

function mth(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves
  if (first === undefined) return hash()
  if (leaves.length === 1) return hash(Uint8Array.of(0), first)
  const k = split(leaves.length)
  return hash(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** The largest power of two smaller than `n`. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
