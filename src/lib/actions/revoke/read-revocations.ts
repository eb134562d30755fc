/**
 * The list of revocations that the configuration names: fetched, held against
 * the pinned key, and judged for its age by the real clock.
 *
 * Once a command: every image of it is judged by the same list. What cannot be
 * had is an answer of its own, which a verdict shows as `could-not-check`.
 */
import {resolve} from 'node:path'
import {AppError, type ReasonCode} from '../../errors.ts'
import {Statement} from '../../evidence/statement.ts'
import {isWebAddress, shownAddress} from '../../evidence/web-address.ts'
import type {RevocationList} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {TrustedKey} from '../../ports/signatures.ts'
import {REVOCATIONS_SUBJECT, REVOCATIONS_TYPE, RevocationsPredicate} from '../../predicates/revocations.ts'
import {pinnedKey} from '../policy/pinned-key.ts'
import {digestOf} from '../policy/select-policy.ts'

/** Clocks of two machines may differ by this much, in milliseconds. */
const CLOCK_TOLERANCE = 5 * 60_000

/**
 * @returns undefined where none is configured
 * @throws AppError `policy.invalid`, `key.unreadable`
 */
export async function readRevocations(context: Context): Promise<RevocationList | undefined> {
  const list = await signedRevocations(context)
  return list === undefined ? undefined : agedRevocations(list, context.now())
}

/** The same, however old it is. @throws AppError `policy.invalid`, `key.unreadable` */
export async function signedRevocations(context: Context): Promise<RevocationList | undefined> {
  const configured = context.config.revocations
  if (configured === undefined) return undefined
  const {from, 'max-age': maxAge, key: pin} = configured
  const key = await pinnedKey('`revocations`', pin, context)
  const bytes = await listBytes(from, context)
  if (!(bytes instanceof Uint8Array)) return bytes
  const list = await readList(bytes, from, key, context)
  if ('state' in list) return list
  const {issuedAt, revoked} = list
  return {state: 'read', issuedAt, maxAge, revoked: new Map(revoked.map(({digest, reason, since}) => [digest, {reason, since}]))}
}

/** Too old, or from the future, it is none. */
export function agedRevocations(list: RevocationList, now: Date): RevocationList {
  if (list.state === 'failed') return list
  const {issuedAt, maxAge} = list
  const age = now.getTime() - Date.parse(issuedAt)
  if (age > maxAge) return failed('revocation.stale', `the list of revocations is of ${issuedAt}: older than ${hours(maxAge)}`)
  if (age < -CLOCK_TOLERANCE) return failed('revocation.stale', `the list of revocations says that it is from the future, from ${issuedAt}`)
  return list
}

export async function listBytes(from: string, context: Context): Promise<Uint8Array | RevocationList> {
  if (isWebAddress(from)) {
    const fetched = await context.fetchDocument(from)
    return fetched.kind === 'read' ? fetched.bytes : failed('revocation.unreachable', `${shownAddress(from)} ${fetched.why}`)
  }
  const path = resolve(context.config.root, from)
  try {
    return await context.files.read(path)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return failed('revocation.unreadable', error.message)
  }
}

/** @returns what the key has signed, however old; else why it is none */
export async function readList(bytes: Uint8Array, from: string, key: TrustedKey, context: Context): Promise<RevocationsPredicate | RevocationList> {
  const check = (await context.verifySignature())({form: 'bundle', bytes}, {keys: [key]})
  const place = shownAddress(from)
  if (check.state === 'failed') return failed('revocation.unreadable', `${place} is not signed by the pinned key: ${check.message}`)
  const statement = Statement.safeParse(check.content.kind === 'statement' ? check.content.statement : undefined).data
  if (statement?.predicateType !== REVOCATIONS_TYPE) return failed('revocation.unreadable', `what is signed in ${place} is no list of revocations`)
  const predicate = RevocationsPredicate.safeParse(statement.predicate).data
  if (predicate === undefined) return failed('revocation.unreadable', `the list of revocations in ${place} cannot be read`)
  const [subject] = statement.subject
  const named = subject?.name === REVOCATIONS_SUBJECT && statement.subject.length === 1 && subject.digest['sha256'] === digestOf(predicate.revoked)
  return named ? predicate : failed('revocation.unreadable', `the statement in ${place} is not about the list that it holds`)
}

function failed(reason: ReasonCode, message: string): RevocationList {
  return {state: 'failed', reason, message}
}

function hours(ms: number): string {
  return ms < 3_600_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.floor(ms / 3_600_000)} h`
}
