/**
 * What the records say about broken glass: each exemption, and each time the provider was out of the way, with its uses
 * and its review. It is open until another person has reviewed it, and again where something was let in after that. Pure.
 */
import type {DetailOf, RecordOf} from '../../evidence/schema.ts'

type Detail = DetailOf<'break-glass'>
type GlassRecord = RecordOf<'break-glass'>

export interface BrokenGlass extends Pick<Detail, 'kind' | 'cluster' | 'namespace' | 'digest' | 'reason' | 'incident' | 'from' | 'expires' | 'statement'> {
  /** Id of the record that opened it; of its first use where nobody recorded that. */
  readonly record: string
  readonly recordedAt: string
  /** False where only its use was recorded: whoever signed it went round the command. */
  readonly opened: boolean
  /** How often something was let in by it, and when last. */
  readonly uses: number
  readonly lastUse?: string
  readonly reviewed?: {readonly by: string; readonly at: string; readonly record: string}
  /** Since when it waits for a review; absent where it does not. */
  readonly openSince?: string
}

/** @param records oldest first */
export function glassBook(records: readonly GlassRecord[]): BrokenGlass[] {
  const openings = records.filter(({data}) => data.detail.action === 'open')
  const uses = records.filter(({data}) => data.detail.action === 'use')
  // A later word on the same window says it better: how long the provider really was out of the way.
  const replaced = new Set(openings.flatMap(({data}) => data.detail.of ?? []))
  const known = new Set(openings.flatMap(({data}) => data.detail.statement ?? []))
  const first = new Map(uses.toReversed().map((use) => [use.data.detail.statement ?? use.id, use]))
  const unopened = [...first.values()].filter(({data}) => !known.has(data.detail.statement ?? ''))
  return [...openings.filter(({id}) => !replaced.has(id)), ...unopened].map((opening) => entryOf(opening, uses, records)).toSorted(byRecord)
}

function entryOf(opening: GlassRecord, uses: readonly GlassRecord[], records: readonly GlassRecord[]): BrokenGlass {
  const {kind, cluster, namespace, digest, reason, incident, from, expires, statement, action} = opening.data.detail
  const own = statement === undefined ? [] : uses.filter(({data}) => data.detail.statement === statement)
  const last = own.at(-1)
  const review = records.findLast(({data}) => data.detail.action === 'review' && data.detail.of === opening.id)
  const late = review === undefined ? undefined : own.find(({id}) => id > review.id)
  const openSince = review === undefined ? opening.time : late?.time
  return {
    record: opening.id,
    recordedAt: opening.time,
    opened: action === 'open',
    kind,
    cluster,
    ...(namespace !== undefined && {namespace}),
    ...(digest !== undefined && {digest}),
    reason,
    incident,
    from,
    expires,
    ...(statement !== undefined && {statement}),
    uses: own.length,
    ...(last !== undefined && {lastUse: last.time}),
    ...(review !== undefined && {reviewed: {by: review.data.detail.reviewer ?? '(nobody)', at: review.time, record: review.id}}),
    ...(openSince !== undefined && {openSince}),
  }
}

function byRecord(a: BrokenGlass, b: BrokenGlass): number {
  return a.record < b.record ? -1 : 1
}
