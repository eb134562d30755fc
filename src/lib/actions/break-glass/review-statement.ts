/** A review as a statement: signed with the reviewer's own key, about one record, and read back from the store alone. */
import {AppError} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import {Statement, statementBytes, subjectFor} from '../../evidence/statement.ts'
import {personBehind} from '../../policy/approver.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import {ReviewPredicate, REVIEW_TYPE} from '../../predicates/review.ts'
import {readBlob} from '../evidence/find-record.ts'
import {keyText} from '../policy/policy-text.ts'
import type {GlassPolicy} from '../policy/read-break-glass.ts'
import {signStatement} from '../sign/sign-statement.ts'
import type {SigningKey} from '../sign/signing-key.ts'

type GlassRecord = RecordOf<'break-glass'>

const BLOB = 'review.json'

/** `statement`: SHA-256 of what was signed, hex. */
export async function signReview(
  opening: GlassRecord,
  person: string,
  key: SigningKey,
  context: Context,
): Promise<{readonly statement: string; readonly blobs: BlobInput[]}> {
  const {cluster, incident} = opening.data.detail
  const predicate: ReviewPredicate = {record: opening.id, cluster, incident, reviewedOn: context.now().toISOString(), person}
  const bytes = statementBytes({name: opening.id, digests: [digestOf(opening)], predicateType: REVIEW_TYPE, predicate})
  const {bundle, payload} = await signStatement(bytes, key, context)
  const signed = {name: BLOB, mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: bundle, exact: true}
  return {statement: sha256Hex(payload), blobs: [signed, keyText(key.public)]}
}

/** Who signed the review of `opening` that this record keeps; undefined where nobody did whose word counts. @throws AppError `blob.*`, `store.*` */
export async function whoSigned(review: GlassRecord, opening: GlassRecord, policy: GlassPolicy | undefined, context: Context): Promise<string | undefined> {
  if (policy === undefined || !review.data.blobs.some(({name}) => name === BLOB)) return undefined
  const bytes = await readBlob(review, BLOB, await context.store())
  const check = (await context.verifySignature())({form: 'bundle', bytes}, {keys: policy.reviewers.flatMap((one) => ('key' in one ? [one.key] : []))})
  if (check.state === 'failed' || check.content.kind !== 'statement') return undefined
  if (sha256Hex(check.content.payload) !== review.data.detail.review_statement) return undefined
  const statement = Statement.safeParse(check.content.statement).data
  const said = ReviewPredicate.safeParse(statement?.predicate).data
  if (statement?.predicateType !== REVIEW_TYPE || said === undefined) return undefined
  if (subjectFor(statement, digestOf(opening)) === undefined || said.record !== opening.id) return undefined
  return personBehind(check.signer, policy.reviewers) === said.person ? said.person : undefined
}

/** Who it is that the key of a reviewer belongs to. @throws AppError `break-glass.not-named` */
export function reviewerBehind(key: SigningKey, {reviewers}: GlassPolicy): string {
  const person = personBehind({spki: key.public.spki}, reviewers)
  if (person !== undefined) return person
  const named = [...new Set(reviewers.map((one) => one.person))].join(', ')
  throw new AppError('break-glass.not-named', `sha256:${key.public.spki} is of nobody who may review a broken glass; that are: ${named}`, {
    fix: 'Sign with a key that `admission.break-glass.by` or `reviewed-by` of the policy names.',
  })
}

/** Of the line that lies in the store: a record that was changed is another one. */
function digestOf(record: GlassRecord): string {
  return `sha256:${sha256Hex(`${JSON.stringify(record)}\n`)}`
}
