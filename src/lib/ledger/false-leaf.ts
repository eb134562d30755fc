/** A leaf against the bytes that it is about. Pure. */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {parseRecordKey, sealKey} from '../evidence/key.ts'
import {sha256Hex} from '../evidence/record.ts'
import {leafOf} from './leaf-of.ts'
import {leafLock} from './lock-findings.ts'
import {leafBytes, type Leaf} from './leaf.ts'

/** What no sealer writes: a leaf that is about other bytes than its key names, or that says neither what the record says nor why not. */
export function oddLeaf({key, sha256, told, fault}: Leaf, n: number): EvidenceFinding | undefined {
  const isNamed = parseRecordKey(key)?.sha256 === sha256 || fault === 'record.altered'
  if (isNamed && (told !== undefined || fault !== undefined)) return undefined
  return {code: 'seal.false-leaf', key, message: `${sealKey(n)} says of it what no sealer says`}
}

/** Whether the bytes are those that were sealed. */
export function bytesFinding({key, sha256}: Leaf, bytes: Uint8Array): EvidenceFinding | undefined {
  return sha256Hex(bytes) === sha256 ? undefined : {code: 'record.altered', key, message: 'its bytes are not those that were sealed'}
}

/** Whether the leaf tells what the record tells. @param n the seal that it stands in @param bytes those that were sealed */
export function falseLeaf(leaf: Leaf, n: number, bytes: Uint8Array): EvidenceFinding | undefined {
  const {key, version, last_modified: lastModified, lock, fault} = leaf
  const own = leafLock(lock)
  const stored = {bytes, lastModified, ...(version !== undefined && {version}), ...(own !== undefined && {lock: own})}
  const right = leafOf(key, stored, fault === 'record.second-version')
  if (Buffer.compare(leafBytes(right), leafBytes(leaf)) === 0) return undefined
  return {code: 'seal.false-leaf', key, message: `${sealKey(n)} says of it what it does not say`}
}
