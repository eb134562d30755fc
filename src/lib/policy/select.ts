/** Picks what counts: statements of one type about one digest, by trusted keys, and of those the newest. */
import {subjectFor, type Statement} from '../evidence/statement.ts'
import {signerFault} from './key-window.ts'
import type {Attached, Observation, Policy} from './model.ts'

type Verified = Extract<Attached, {state: 'verified'}>

/** Clocks of two machines may differ by this much, in milliseconds. */
export const CLOCK_TOLERANCE = 5 * 60_000

/** Verified attestations of `type` about `digest` by keys that may be used now. */
export function attestations(type: string, digest: string, observation: Observation, policy: Policy, now: Date): Verified[] {
  return (observation.attached.get(digest) ?? []).filter(
    (item): item is Verified =>
      item.state === 'verified' &&
      item.statement.predicateType === type &&
      subjectFor(item.statement, digest) !== undefined &&
      signerFault(item.signer, policy, {now, signedAt: item.signedAt}) === undefined,
  )
}

/**
 * The newest by the time inside the signed predicate. Where the newest share
 * one time, or any has none, all of those are returned: the worse must count.
 */
export function newest(items: readonly Verified[], time: (statement: Statement) => string | undefined): Verified[] {
  const timed = items.map((item) => ({item, at: instant(time(item.statement))}))
  const latest = Math.max(...timed.map(({at}) => at ?? Number.NEGATIVE_INFINITY))
  return timed.filter(({at}) => at === undefined || at === latest).map(({item}) => item)
}

/** A statement from later than now proves nothing, and must not outlive what comes after it. Text that is no time is not judged here. */
export function isFuture(time: string | undefined, now: Date): boolean {
  const at = instant(time)
  return at !== undefined && at > now.getTime() + CLOCK_TOLERANCE
}

/** In milliseconds. Only a full RFC 3339 time is one: without its zone it would mean something else on every machine. */
export function instant(text: string | undefined): number | undefined {
  const ms = text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
