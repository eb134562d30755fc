/**
 * Until when a verdict surely stays what it is, where nothing but the clock moves on: the same image with the same things
 * attached, under the same policy and the same list of revocations. Pure.
 *
 * Every date that a verdict may hang on counts, whoever stated it and whether or not it did hang on it: too early costs one
 * look more, too late lets in what has ended.
 */
import {z} from 'zod'
import type {ImageRule} from '../config/schema.ts'
import {VULNS_TYPE, type Statement} from '../evidence/statement.ts'
import {statedAt, type Clocks} from './as-of.ts'
import {decidingRules} from './image-rules.ts'
import type {Attached, Observation, Policy, RevocationList} from './model.ts'
import {CLOCK_TOLERANCE, instant} from './select.ts'

const DAY = 86_400_000
/** Without the findings, which may be many. */
const ScanTimes = z.looseObject({metadata: z.looseObject({scanFinishedOn: z.string()}), scanner: z.looseObject({db: z.looseObject({lastUpdate: z.string()})})})

/**
 * @param clocks as it was judged: as of when, and when that was done
 * @returns milliseconds since the epoch, exclusive: from then on it may be another. Not after `asOf` where it may be so at once.
 */
export function verdictUntil(observation: Observation, policy: Policy, clocks: Clocks): number {
  const items = [...observation.attached.values()].flat()
  return Math.min(
    ...[policy, policy.floor].flatMap((each) => (each === undefined ? [] : [...keyDays(each), ...scanAges(items, each)])).filter(isAfter(clocks)),
    ...items.map((item) => settledFrom(item, clocks)),
    revocationsUntil(observation.revocations, clocks.asOf),
    Number.POSITIVE_INFINITY,
  )
}

/** Of a verdict by the `images` rules alone. */
export function rulesUntil(repository: string, rules: readonly ImageRule[], asOf: Date): number {
  const ends = decidingRules(repository, rules).map(({until}) => startOf(until) + DAY)
  return Math.min(...ends.filter(isAfter({asOf})), Number.POSITIVE_INFINITY)
}

/** The list ends, or an entry of it begins to count: of any image, because a platform of it may be meant. */
export function revocationsUntil(list: RevocationList | undefined, asOf: Date): number {
  if (list?.state !== 'read') return Number.POSITIVE_INFINITY
  let until = Date.parse(list.issuedAt) + list.maxAge
  for (const {since} of list.revoked.values()) {
    const from = Date.parse(since)
    if (from > asOf.getTime() && from < until) until = from
  }
  return until
}

/** A key counts from the start of its first day to the end of its last one. */
function keyDays({keys}: Policy): number[] {
  return keys.flatMap(({from, until}) => [...(from === undefined ? [] : [startOf(from)]), ...(until === undefined ? [] : [startOf(until) + DAY])])
}

function scanAges(items: readonly Attached[], {requires}: Policy): number[] {
  const limit = requires?.scan?.['max-age']
  if (limit === undefined) return []
  // Of exactly the age that is allowed it still passes.
  return items.flatMap((item) => (item.state === 'failed' ? [] : instants(scanTimes(item.statement)?.metadata.scanFinishedOn).map((at) => at + limit + 1)))
}

/**
 * From when on the times in a statement are no longer ahead of our clock. Beyond the tolerance they are a lie, until they
 * come within it. Within it the statement is left out or not, by how long the look takes: then nothing is sure.
 */
function settledFrom(item: Attached, {asOf, now}: Clocks): number {
  if (item.state === 'failed') return Number.POSITIVE_INFINITY
  const ahead = timesOf(item).filter((at) => at > asOf.getTime())
  return Math.min(...ahead.map((at) => (at - CLOCK_TOLERANCE > now.getTime() ? at - CLOCK_TOLERANCE : asOf.getTime())), Number.POSITIVE_INFINITY)
}

function timesOf({signedAt, statement}: Extract<Attached, {state: 'verified'}>): number[] {
  const scan = scanTimes(statement)
  return [signedAt, scan === undefined ? statedAt(statement) : scan.metadata.scanFinishedOn, scan?.scanner.db.lastUpdate].flatMap(instants)
}

function scanTimes({predicateType, predicate}: Statement): z.infer<typeof ScanTimes> | undefined {
  return predicateType === VULNS_TYPE ? ScanTimes.safeParse(predicate).data : undefined
}

function instants(time: string | undefined): number[] {
  const at = instant(time)
  return at === undefined ? [] : [at]
}

function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`)
}

function isAfter({asOf}: Pick<Clocks, 'asOf'>): (at: number) => boolean {
  return (at) => at > asOf.getTime()
}
