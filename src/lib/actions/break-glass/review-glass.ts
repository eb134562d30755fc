/**
 * A second person has looked at a broken glass.
 *
 * Persons are compared, never spellings: who broke it is taken from the signed statement and from who recorded it, who is
 * who from the file of `identities`. Where one of them is nobody known, nobody can say that they are two.
 */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {bundlePayload} from '../../evidence/bundle.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import {Statement} from '../../evidence/statement.ts'
import {personOf, type Persons} from '../../policy/persons.ts'
import type {Context} from '../../ports/context.ts'
import {ExemptionPredicate} from '../../predicates/exemption.ts'
import {readBlob} from '../evidence/find-record.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {recordsOf} from '../evidence/records-of.ts'
import {readPersons} from '../policy/read-persons.ts'
import {glassBook, type BrokenGlass} from './glass-book.ts'

export interface ReviewResult {
  readonly exitCode: ExitCode
  readonly glass: BrokenGlass
  readonly by: string
  /** Who broke it. */
  readonly of: readonly string[]
  /** False where it was reviewed so already. */
  readonly changed: boolean
  readonly record: string | undefined
}

/**
 * @param record id of the record that opened it, as the list shows it
 * @param by a person of the file of `identities`
 * @throws AppError `break-glass.*`, `record.*`, `store.*`, `usage.flag`, `policy.invalid`
 */
export async function reviewGlass({record: id, by}: {readonly record: string; readonly by: string}, context: Context): Promise<ReviewResult> {
  const store = await context.store()
  const records: RecordOf<'break-glass'>[] = []
  for await (const record of recordsOf('break-glass', store)) records.push(record)
  const glass = glassBook(records).find(({record}) => record === id)
  const opening = records.find((record) => record.id === id)
  if (glass === undefined || opening === undefined)
    throw new AppError('usage.flag', `${id} is no record of a broken glass in ${store.address}`, {fix: 'What there is: hipaa-ci admission break-glass --list'})
  const persons = (await readPersons(context))?.persons
  if (persons === undefined) throw new AppError('policy.invalid', 'nobody says who is who: the configuration names no file of `identities`')
  await refuseAnotherHand(by, persons, context)
  const openers = await whoOpened(opening, glass, persons, context)
  if (openers.includes(by)) throw new AppError('break-glass.own-review', `${by} broke the glass (record ${id}), and does not review it`)
  const base = {exitCode: EXIT.ok, by, of: openers}
  if (glass.openSince === undefined && glass.reviewed?.by === by) return {...base, glass, changed: false, record: glass.reviewed.record}

  const {subject, data} = opening
  const {action: _, of: __, ...detail} = data.detail
  const input = {
    stream: 'break-glass' as const,
    subject,
    environment: data.environment,
    outcome: 'pass' as const,
    detail: {...detail, action: 'review' as const, of: id, reviewer: by},
  }
  return {...base, glass, changed: true, record: await recordEffect(`the review of ${id}`, context, input)}
}

/** Whoever is known to act may not say that somebody else did. */
async function refuseAnotherHand(by: string, persons: Persons, context: Context): Promise<void> {
  if (![...persons.values()].includes(by)) throw new AppError('break-glass.unknown-person', `${JSON.stringify(by)} is no person of the file of \`identities\``)
  const {human} = (await context.ci()).actor
  const acting = human === undefined ? undefined : personOf(human, persons)
  if (acting !== undefined && acting !== by) throw new AppError('usage.flag', `this is ${acting}, and --by says ${by}`)
}

/** At least one person. */
async function whoOpened(opening: RecordOf<'break-glass'>, {kind, opened}: BrokenGlass, persons: Persons, context: Context): Promise<string[]> {
  const found = new Set<string>()
  const {human} = opening.data.actor
  const acting = human === undefined ? undefined : personOf(human, persons)
  // Of a use the actor is whoever runs the provider.
  if (acting !== undefined && opened) found.add(acting)
  if (kind === 'exemption') found.add(await signedBy(opening, context))
  const strangers = [...found].filter((person) => ![...persons.values()].includes(person))
  if (strangers.length > 0)
    throw new AppError('break-glass.unknown-person', `${strangers.join(', ')} broke the glass, and is no person of the file of \`identities\``)
  if (found.size > 0) return [...found]
  const who = human === undefined ? 'the record names nobody' : `${human.id} (${human.issuer}) is nobody known`
  throw new AppError('break-glass.unknown-person', `it is not known who broke the glass: ${who}`)
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
