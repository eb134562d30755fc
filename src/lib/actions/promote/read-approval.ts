/**
 * An approval that was signed elsewhere, held against the policy and the image before anything is attached.
 *
 * Only what a named approver signed is an approval; a statement that nobody
 * signed is somebody's word.
 */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import type {SignerId} from '../../evidence/details.ts'
import {APPROVAL_TYPE, Statement, subjectFor} from '../../evidence/statement.ts'
import {isFuture} from '../../policy/select.ts'
import {ApprovalPredicate} from '../../predicates/approval.ts'
import type {Context} from '../../ports/context.ts'
import type {SignatureCheck, Trust} from '../../ports/signatures.ts'
import {approverOf, type ApprovingPolicy} from './approver.ts'

export interface SignedApproval {
  readonly bundle: Uint8Array
  readonly payload: Uint8Array
  readonly signer: SignerId
  readonly person: string
  readonly statement: Statement
}

/** @throws AppError `approval.claimed`, `approval.not-approver`, `signature.*`, `attestation.invalid` */
export async function readApproval(
  file: string,
  about: {readonly digest: string; readonly repository: string},
  policy: ApprovingPolicy,
  context: Context,
): Promise<SignedApproval> {
  const path = resolve(context.cwd, file)
  const bundle = await context.files.read(path)
  const check = (await context.verifySignature())({form: 'bundle', bytes: bundle}, approversTrust(policy))
  if (check.state === 'failed') throw refused(path, check, policy)
  const statement = check.content.kind === 'statement' ? Statement.safeParse(check.content.statement) : undefined
  if (check.content.kind !== 'statement' || statement?.success !== true) throw new AppError('attestation.invalid', `${path} signs no in-toto statement`)
  const fault = faultOf(statement.data, about, policy.name, context.now())
  if (fault !== undefined) throw new AppError('attestation.invalid', `the approval in ${path} ${fault}`)
  return {bundle, payload: check.content.payload, signer: check.signer, person: approverOf(check.signer, policy), statement: statement.data}
}

/** Nobody but them: whoever may sign builds has no say here. */
function approversTrust({approvals: {by}, trustedRoot, timestampAuthorities}: ApprovingPolicy): Trust {
  return {
    keys: by.flatMap((approver) => ('key' in approver ? [approver.key] : [])),
    identities: by.flatMap((approver) => ('identity' in approver ? [approver.identity] : [])),
    ...(trustedRoot !== undefined && {trustedRoot}),
    ...(timestampAuthorities !== undefined && {timestampAuthorities}),
  }
}

function refused(path: string, {reason, message}: Extract<SignatureCheck, {state: 'failed'}>, {name}: ApprovingPolicy): AppError {
  if (reason === 'attestation.unreadable') return new AppError('approval.claimed', `${path} is not a signed bundle, so it is somebody's bare word: ${message}`)
  if (reason === 'signature.wrong-key' || reason === 'signature.wrong-identity')
    return new AppError('approval.not-approver', `the approval in ${path} is by nobody who may approve for ${name}: ${message}`)
  return new AppError(reason, `the approval in ${path} does not verify: ${message}`)
}

function faultOf(statement: Statement, {digest, repository}: {digest: string; repository: string}, environment: string, now: Date): string | undefined {
  if (statement.predicateType !== APPROVAL_TYPE) return `is none: its predicate type is ${statement.predicateType}`
  const parsed = ApprovalPredicate.safeParse(statement.predicate)
  if (!parsed.success)
    return `does not fit ${APPROVAL_TYPE}: ${parsed.error.issues.map(({path, message}) => `${path.join('.') || 'predicate'}: ${message}`).join('; ')}`
  if (subjectFor(statement, digest) === undefined) return `is about another image than ${digest}`
  if (parsed.data.environment !== environment) return `is for ${parsed.data.environment}, not for ${environment}`
  if (parsed.data.repository !== repository) return `is for ${parsed.data.repository}, not for ${repository}`
  return isFuture(parsed.data.approvedOn, now) ? `is of the future: ${parsed.data.approvedOn}` : undefined
}
