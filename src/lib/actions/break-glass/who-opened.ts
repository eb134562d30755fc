/**
 * Who broke a glass, and how many other people have to look at it.
 *
 * One, where it is proven who broke it: by the signature under an exemption, or by a verified identity token behind a
 * provider that was taken out of the way. Where that is only claimed, or said by nobody (anybody can type a name into a
 * workstation), two different people, and neither of them the one that was claimed: of two people at most one can be who
 * did it. So nobody reviews their own, and nothing that was opened in a hurry stays open for ever.
 */
import {AppError} from '../../errors.ts'
import {bundlePayload} from '../../evidence/bundle.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {Actor, RecordOf} from '../../evidence/schema.ts'
import {Statement} from '../../evidence/statement.ts'
import {personOf, type Persons} from '../../policy/persons.ts'
import type {Context} from '../../ports/context.ts'
import {ExemptionPredicate} from '../../predicates/exemption.ts'
import {readBlob} from '../evidence/find-record.ts'

export interface Openers {
  /** Who may not review it: proven or claimed. */
  readonly persons: readonly string[]
  /** How many others have to. */
  readonly reviews: 1 | 2
}

/** @throws AppError `break-glass.unknown-person` where the statement of an exemption cannot be read, `blob.*`, `store.*` */
export async function whoOpened(opening: RecordOf<'break-glass'>, persons: Persons | undefined, context: Context): Promise<Openers> {
  const {action, kind} = opening.data.detail
  const {human} = opening.data.actor
  // Of a use the actor is whoever runs the provider.
  const acting = human === undefined || action !== 'open' ? undefined : personOf(human, persons)
  const recorded = acting === undefined ? [] : [acting]
  if (kind === 'exemption') return {persons: [...new Set([await signedBy(opening, context), ...recorded])], reviews: 1}
  return {persons: recorded, reviews: provenActor(opening.data.actor, persons) === undefined ? 2 : 1}
}

/** The person behind an actor whom a verified token names; everything else is somebody's word. */
export function provenActor({human}: Actor, persons: Persons | undefined): string | undefined {
  return human?.basis === 'token' ? personOf(human, persons) : undefined
}

/** By the statement that the record keeps, and names; it was held against the policy when it was signed, and when it was used. */
async function signedBy(opening: RecordOf<'break-glass'>, context: Context): Promise<string> {
  const payload = bundlePayload(await readBlob(opening, 'bundle.json', await context.store()))
  const isIt = payload !== undefined && sha256Hex(payload) === opening.data.detail.statement
  const statement = isIt ? Statement.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data : undefined
  const said = ExemptionPredicate.safeParse(statement?.predicate).data
  if (said === undefined) throw new AppError('break-glass.unknown-person', `the statement of record ${opening.id} cannot be read`)
  return said.person
}
