/** Which versions are sealed, read from the seals themselves where their counts do not tell. Pure. */
import {AppError} from '../errors.ts'
import {sealKey} from '../evidence/key.ts'
import {foldSeal, isFault, START, stateAfter, type LogState} from './fold.ts'
import type {Steps} from './sealer-effects.ts'
import {readSeal} from './sealer-tail.ts'
import {placeOf, placeOfKey} from './totals.ts'

/** By `identityOf`: the key, and the seal that has it. */
export type Sealed = ReadonlyMap<string, {readonly key: string; readonly n: number}>

/**
 * Every seal that is read must lead to the newest one.
 * @param days with the first seal that has each, or everything
 * @throws AppError `seal.*`
 */
export function* readSealed(end: LogState, days: ReadonlyMap<string, number> | 'all'): Steps<Sealed> {
  const sealed = new Map<string, {readonly key: string; readonly n: number}>()
  const first = days === 'all' ? 1 : Math.min(...days.values())
  let state: LogState | undefined = first === 1 ? START : undefined
  for (let n = first; n <= end.n; n += 1) {
    const stored = yield* readSeal(n)
    const next: ReturnType<typeof foldSeal> = state === undefined ? stateAfter(stored) : foldSeal(state, stored)
    if (isFault(next)) throw new AppError(next.code, next.message)
    state = next
    for (const leaf of stored.seal.entries) {
      const place = placeOfKey(leaf.key)
      if (days === 'all' || (place !== undefined && days.has(placeOf(place)))) sealed.set(identityOf(leaf), {key: leaf.key, n})
    }
  }
  if (state !== undefined && first <= end.n && state.sha256 !== end.sha256)
    throw new AppError('seal.broken', `${sealKey(end.n)} was replaced while it was read`)
  return sealed
}

/** A version of a key, as one text. */
export function identityOf({key, version}: {readonly key: string; readonly version?: string | undefined}): string {
  return `${key}\n${version ?? ''}`
}
