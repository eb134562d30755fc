/**
 * What is sealed, by key: as little of each leaf as a list of versions is compared with. Pure; the largest thing that a
 * verification holds in memory.
 */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {sealKey} from '../evidence/key.ts'
import type {ObjectVersion} from '../ports/evidence-store.ts'
import type {Leaf} from './leaf.ts'
import {NEVER} from './totals.ts'

/** What is kept of a leaf. */
export interface SealedVersion {
  readonly version?: string
  readonly size: number
  /** Seconds since 1970, as the store tells times; 0 where it did not. */
  readonly came: number
  /** Number of its seal. */
  readonly n: number
}

export interface LeafBook {
  /** @param n the seal that it stands in */
  add(leaf: Leaf, n: number): EvidenceFinding | undefined
  /** Whether a leaf of this key was added. */
  has(key: string): boolean
  /** What is sealed of a key, which is then done with; undefined where nothing is. */
  take(key: string): readonly SealedVersion[] | undefined
  /** What nobody has taken. */
  rest(): Iterable<readonly [string, readonly SealedVersion[]]>
  /** Leaves that were added. */
  readonly size: number
  /** A leaf names a version: the store that was sealed has versions. */
  readonly versioned: boolean
}

export function createLeafBook(): LeafBook {
  const kept = new Map<string, SealedVersion | readonly SealedVersion[]>()
  let size = 0
  let versioned = false
  const listOf = (key: string): readonly SealedVersion[] => {
    const own = kept.get(key)
    return own === undefined ? [] : 'n' in own ? [own] : own
  }
  return {
    get size() {
      return size
    },
    get versioned() {
      return versioned
    },
    add({key, version, size: bytes, last_modified: time}, n) {
      const before = listOf(key)
      const own = {...(version !== undefined && {version}), size: bytes, came: time === NEVER ? 0 : secondOf(time), n}
      size += 1
      versioned ||= version !== undefined
      if (before.some((one) => one.version === version))
        return {code: 'seal.twice', key, message: `${sealKey(before[0]?.n ?? n)} and ${sealKey(n)} seal the same version of it`}
      kept.set(key, before.length === 0 ? own : [...before, own])
      return undefined
    },
    has: (key) => kept.has(key),
    take(key) {
      const own = listOf(key)
      kept.delete(key)
      return own.length === 0 ? undefined : own
    },
    *rest() {
      for (const key of kept.keys()) yield [key, listOf(key)]
    },
  }
}

/** One sealed version against what is listed of its key. @param versioned the list has versions */
export function listedFinding(key: string, sealed: SealedVersion, versions: readonly ObjectVersion[], versioned: boolean): EvidenceFinding | undefined {
  const objects = versions.filter(({kind}) => kind === 'object')
  const isSame = (one: ObjectVersion) => !versioned || sealed.version === undefined || one.version === sealed.version
  const found = objects.findLast(isSame)
  if (found === undefined) return deletedFinding(key, sealed)
  if (found.size !== sealed.size) return {code: 'record.altered', key, message: `it has ${found.size} bytes, and ${sealed.size} were sealed`}
  if (versioned && sealed.version !== undefined && secondOf(found.lastModified) !== sealed.came)
    return {code: 'seal.false-leaf', key, message: `${sealKey(sealed.n)} says that it came at another time than ${found.lastModified}`}
  return undefined
}

export function deletedFinding(key: string, {version, n}: SealedVersion): EvidenceFinding {
  const which = version === undefined ? 'it' : `its version ${version}`
  return {code: 'record.deleted', key, message: `${sealKey(n)} seals ${which}, and the store does not have it`}
}

export function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000)
}
