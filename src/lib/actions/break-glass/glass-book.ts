/**
 * What the records say about broken glass: each exemption, and each time the provider was out of the way, with its uses
 * and its reviews. It is open until other people have reviewed it (one, or two: `who-opened.ts`), and again where something
 * was let in after that. Pure.
 */
import type {DetailOf, RecordOf} from '../../evidence/schema.ts'

type Detail = DetailOf<'break-glass'>
type GlassRecord = RecordOf<'break-glass'>

export interface BrokenGlass extends Pick<Detail, 'kind' | 'cluster' | 'namespace' | 'digest' | 'reason' | 'incident' | 'from' | 'expires' | 'statement'> {
  /** Id of the record that opened it; of its first use where nobody recorded that. */
  readonly record: string
  readonly recordedAt: string
  /** Who opened it, as the signature or the token says; absent where nothing proves it. */
  readonly by?: string
  /** False where only its use was recorded: whoever signed it went round the command. */
  readonly opened: boolean
  /** How often something was let in by it, and when last. */
  readonly uses: number
  readonly lastUse?: string
  /** Those that count, the last one of each person, oldest first. */
  readonly reviews: readonly {readonly by: string; readonly at: string; readonly record: string}[]
  /** How many people have to review it. */
  readonly needs: number
  /** Since when it waits for a review; absent where it does not. */
  readonly openSince?: string
}

/**
 * @param records oldest first
 * @param reviews those of them that count, oldest first
 * @param needed how many people have to review it, by the record that opened it; else one
 */
export function glassBook(records: readonly GlassRecord[], reviews: readonly GlassRecord[], needed: ReadonlyMap<string, number>): BrokenGlass[] {
  const openings = records.filter(({data}) => data.detail.action === 'open')
  const uses = records.filter(({data}) => data.detail.action === 'use')
  // A later word on the same window says it better: how long the provider really was out of the way.
  const replaced = new Set(openings.flatMap(({data}) => data.detail.of ?? []))
  const known = new Set(openings.flatMap(({data}) => data.detail.statement ?? []))
  const first = new Map(uses.toReversed().map((use) => [use.data.detail.statement ?? use.id, use]))
  const unopened = [...first.values()].filter(({data}) => !known.has(data.detail.statement ?? ''))
  return [...openings.filter(({id}) => !replaced.has(id)), ...unopened].map((opening) => entryOf(opening, uses, reviews, needed)).toSorted(byRecord)
}

function entryOf(opening: GlassRecord, uses: readonly GlassRecord[], reviews: readonly GlassRecord[], needed: ReadonlyMap<string, number>): BrokenGlass {
  const {kind, cluster, namespace, digest, reason, incident, from, expires, statement, action, person} = opening.data.detail
  const own = statement === undefined ? [] : uses.filter(({data}) => data.detail.statement === statement)
  const last = own.at(-1)
  const reviewed = lastOfEach(reviews.filter(({data}) => data.detail.of === opening.id))
  const needs = needed.get(opening.id) ?? 1
  // Closed by the newest that is enough: it takes that many people after whatever was let in last.
  const closing = reviewed.at(-needs)
  const late = closing === undefined ? undefined : own.find(({id}) => id > closing.id)
  const openSince = closing === undefined ? opening.time : late?.time
  return {
    record: opening.id,
    recordedAt: opening.time,
    ...(person !== undefined && {by: person}),
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
    reviews: reviewed.map(({id, time, data}) => ({by: data.detail.reviewer ?? '(nobody)', at: time, record: id})),
    needs,
    ...(openSince !== undefined && {openSince}),
  }
}

/** Twice by one person is once. */
function lastOfEach(reviews: readonly GlassRecord[]): GlassRecord[] {
  const last = new Map(reviews.map((review) => [review.data.detail.reviewer, review.id]))
  return reviews.filter(({id, data}) => last.get(data.detail.reviewer) === id)
}

function byRecord(a: BrokenGlass, b: BrokenGlass): number {
  return a.record < b.record ? -1 : 1
}
