/** Picks what counts: statements of one type about one digest, by trusted keys, and of those the newest. */
import {subjectFor, type Statement} from '../evidence/statement.ts'
import {keyFault} from './key-window.ts'
import type {Attached, Observation, Policy} from './model.ts'

type Verified = Extract<Attached, {state: 'verified'}>

/** Verified attestations of `type` about `digest` by keys that may be used now. */
export function attestations(type: string, digest: string, observation: Observation, policy: Policy, now: Date): Verified[] {
  return (observation.attached.get(digest) ?? []).filter(
    (item): item is Verified =>
      item.state === 'verified' &&
      item.statement.predicateType === type &&
      subjectFor(item.statement, digest) !== undefined &&
      policy.keys.some((key) => key.spki === item.spki && keyFault(key, now) === undefined),
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

function instant(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
