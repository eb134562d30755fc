/**
 * Another person has looked at a broken glass, and proves who they are: by a signature with a key of their own that the
 * policy names, or by a verified identity token. A name that somebody types is nobody's word.
 *
 * Persons are compared, never spellings: who broke it is taken from the signed statement and from who recorded it
 * (`who-opened.ts`), who is who from the policy and the file of `identities`.
 */
import type {LongLived} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {personOf} from '../../policy/persons.ts'
import type {Context} from '../../ports/context.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {openSigningKey, type SigningKey} from '../sign/signing-key.ts'
import type {BrokenGlass} from './glass-book.ts'
import {readGlass, type Glass} from './read-glass.ts'
import {reviewerBehind, signReview} from './review-statement.ts'

export interface ReviewRequest {
  /** Id of the record that opened it, as the list shows it. */
  readonly record: string
  /** A person of the policy, or of the file of `identities`. */
  readonly by: string
  /** The reviewer's own signing key; not needed where a verified identity token says who acts. */
  readonly key?: string
  readonly allowLongLived?: readonly LongLived[]
}

export interface ReviewResult {
  readonly exitCode: ExitCode
  /** As it was before. */
  readonly glass: BrokenGlass
  readonly by: string
  /** Who broke it, proven or claimed. */
  readonly of: readonly string[]
  /** How many other people still have to review it. */
  readonly missing: number
  /** False where it was reviewed so already. */
  readonly changed: boolean
  readonly record: string | undefined
}

/** @throws AppError `break-glass.*`, `key.*`, `record.*`, `store.*`, `usage.flag`, `policy.invalid` */
export async function reviewGlass({record: id, by, ...proof}: ReviewRequest, context: Context): Promise<ReviewResult> {
  const all = await readGlass(context)
  const glass = all.book.find(({record}) => record === id)
  const opening = all.openings.get(id)
  if (glass === undefined || opening === undefined)
    throw new AppError('usage.flag', `${id} is no record of a broken glass in ${all.store}`, {fix: 'What there is: hipaa-ci admission break-glass --list'})
  const key = await proveReviewer(by, proof, all, context)
  const openers = all.openers.get(id)?.persons ?? []
  if (openers.includes(by)) throw new AppError('break-glass.own-review', `${by} broke the glass (record ${id}), and does not review it`)
  // What was let in after a review is not covered by it, whoever gave it.
  const before = glass.openSince === undefined || glass.kind === 'provider-down' ? glass.reviews : []
  const same = before.find((review) => review.by === by)
  const base = {exitCode: EXIT.ok, glass, by, of: openers, missing: Math.max(0, glass.needs - new Set([...before.map((review) => review.by), by]).size)}
  if (same !== undefined) return {...base, changed: false, record: same.record}

  const {subject, data} = opening
  const {action: _, of: __, ...detail} = data.detail
  const signed = key === undefined ? undefined : await signReview(opening, by, key, context)
  const input = {
    stream: 'break-glass' as const,
    subject,
    environment: data.environment,
    outcome: 'pass' as const,
    detail: {...detail, action: 'review' as const, of: id, reviewer: by, ...(signed !== undefined && {review_statement: signed.statement})},
    ...(signed !== undefined && {blobs: signed.blobs}),
  }
  return {...base, changed: true, record: await recordEffect(`the review of ${id}`, context, input)}
}

/** @returns the key that is to sign; undefined where a verified token says that it is them. */
async function proveReviewer(
  by: string,
  {key: reference, ...options}: Omit<ReviewRequest, 'record' | 'by'>,
  all: Glass,
  context: Context,
): Promise<SigningKey | undefined> {
  const {human} = (await context.ci()).actor
  const acting = human === undefined ? undefined : personOf(human, all.persons)
  // Whoever is known to act may not say that somebody else did.
  if (acting !== undefined && acting !== by) throw new AppError('usage.flag', `this is ${acting}, and --by says ${by}`)
  if (reference !== undefined) {
    if (all.policy === undefined)
      throw new AppError('policy.invalid', 'the policy names nobody who may break the glass, or review it', {
        fix: 'Write `admission.break-glass`: `by` and `reviewed-by`, each person with a key of their own.',
      })
    const key = await openSigningKey(reference, context, options)
    const person = reviewerBehind(key, all.policy)
    if (person !== by) throw new AppError('usage.flag', `the key is of ${person}, and --by says ${by}`)
    return key
  }
  if (human?.basis !== 'token') {
    const who = human === undefined ? 'nobody is known to act here' : `${human.id} is only what this machine says (${human.basis})`
    throw new AppError('break-glass.unproven', `nothing proves that ${by} reviews: ${who}`)
  }
  if (acting === undefined) throw new AppError('break-glass.unknown-person', `${human.id} (${human.issuer}) is no person of the file of \`identities\``)
  return undefined
}
