/**
 * Every broken glass of the store, with the reviews that count.
 *
 * A record that says `reviewer` is not enough: whoever may write records could write it. It counts where the reviewer
 * signed it with a key that the policy names, or where a verified identity token says who they were; and never where they
 * are one of those who broke it.
 */
import type {RecordOf} from '../../evidence/schema.ts'
import type {Persons} from '../../policy/persons.ts'
import type {Context} from '../../ports/context.ts'
import {recordsOf} from '../evidence/records-of.ts'
import {readBreakGlass, type GlassPolicy} from '../policy/read-break-glass.ts'
import {readPersons} from '../policy/read-persons.ts'
import {glassBook, type BrokenGlass} from './glass-book.ts'
import {whoSigned} from './review-statement.ts'
import {provenActor, whoOpened, type Openers} from './who-opened.ts'

export interface Glass {
  readonly store: string
  /** Oldest first. */
  readonly book: readonly BrokenGlass[]
  /** By id, of every record that opened one. */
  readonly openings: ReadonlyMap<string, RecordOf<'break-glass'>>
  readonly openers: ReadonlyMap<string, Openers>
  readonly persons: Persons | undefined
  readonly policy: GlassPolicy | undefined
}

/** @throws AppError `record.*`, `store.*`, `blob.*`, `policy.invalid`, `key.unreadable`, `break-glass.unknown-person` */
export async function readGlass(context: Context): Promise<Glass> {
  const store = await context.store()
  const records: RecordOf<'break-glass'>[] = []
  for await (const record of recordsOf('break-glass', store)) records.push(record)
  const [persons, policy] = [(await readPersons(context))?.persons, await readBreakGlass(context)]
  const openings = new Map(records.filter(({data}) => data.detail.action !== 'review').map((record) => [record.id, record]))
  const reviews = records.filter(({data}) => data.detail.action === 'review')
  const openers = new Map<string, Openers>()
  const first = new Set(glassBook(records, [], new Map()).map(({record}) => record))
  for (const [id, opening] of openings) {
    if (opening.data.detail.action === 'use' && !first.has(id)) continue
    // oxlint-disable-next-line no-await-in-loop -- there are few, and each reads one blob; what it replaces is before it
    openers.set(id, together(await whoOpened(opening, persons, context), openers.get(opening.data.detail.of ?? '')))
  }
  const counting: RecordOf<'break-glass'>[] = []
  for (const review of reviews) {
    // oxlint-disable-next-line no-await-in-loop -- the same
    if (await counts(review)) counting.push(review)
  }
  const needed = new Map([...openers].map(([id, {reviews: count}]) => [id, count]))
  return {store: store.address, book: glassBook(records, counting, needed), openings, openers, persons, policy}

  async function counts(review: RecordOf<'break-glass'>): Promise<boolean> {
    const {of = '', reviewer, review_statement: signed} = review.data.detail
    const opening = openings.get(of)
    if (opening === undefined || reviewer === undefined || openers.get(of)?.persons.includes(reviewer) !== false) return false
    const proven = signed === undefined ? provenActor(review.data.actor, persons) : await whoSigned(review, opening, policy, context)
    return proven === reviewer
  }
}

/** Who wrote down afterwards how long it was has not broken it instead of whoever opened it. */
function together(own: Openers, replaced: Openers | undefined): Openers {
  if (replaced === undefined) return own
  return {persons: [...new Set([...replaced.persons, ...own.persons])], reviews: own.reviews === 2 ? 2 : replaced.reviews}
}
