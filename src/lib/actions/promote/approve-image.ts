/**
 * A person's approval that an image may go to an environment, signed with their own key and attached to the image.
 *
 * The key has to be named: what a project signs its builds with must not become
 * an approver by being the default. Nothing is attached that would not count.
 */
import type {LongLived} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {SignerId} from '../../evidence/details.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {APPROVAL_TYPE, subjectFor, type Statement} from '../../evidence/statement.ts'
import {ApprovalPredicate} from '../../predicates/approval.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import {keyText} from '../policy/policy-text.ts'
import {approverOf, approvingPolicy, type ApprovingPolicy} from './approver.ts'
import {attachBundle, type AttachResult} from '../sign/attach-bundle.ts'
import {attachSigned} from '../sign/attach-signed.ts'
import {openPinnedImage, repositoryOf, type OpenImage} from '../open-image.ts'
import {readApproval} from './read-approval.ts'
import {recordOnce} from '../evidence/record-once.ts'
import {openSigningKey} from '../sign/signing-key.ts'

export interface ApproveRequest {
  readonly image: string
  /** The environment. */
  readonly to: string
  /** The person's own signing key, or else: */
  readonly key?: string
  /** Path of an approval that was signed elsewhere. */
  readonly bundle?: string
  readonly ticket?: string
  readonly repository?: string
  readonly allowLongLived?: readonly LongLived[]
}

export interface ApproveResult {
  readonly exitCode: ExitCode
  readonly environment: string
  readonly repository: string
  readonly digest: string
  readonly person: string
  readonly signer: SignerId
  /** False where the image carried it already. */
  readonly attached: boolean
  readonly manifest: string
  readonly record: string | undefined
}

interface Given extends Pick<AttachResult, 'bundle' | 'statementSha256' | 'manifest' | 'attached' | 'tool'> {
  readonly signer: SignerId
  readonly person: string
}

export async function approveImage(request: ApproveRequest, context: Context): Promise<ApproveResult> {
  refuseUnclear(request)
  const policy = await approvingPolicy(request.to, context)
  const open = await openPinnedImage(request.image, context)
  const repository = repositoryOf(open, request.repository)
  context.progress.step(`Approving ${repository}@${open.digest} for ${policy.name}`)
  const given =
    request.bundle === undefined ? await sign(request, open, repository, policy, context) : await take(request.bundle, open, repository, policy, context)

  const {person, signer, manifest, attached} = given
  const bundle = sha256Hex(given.bundle)
  const subject = `${repository}@${open.digest}`
  const input = {
    stream: 'approval' as const,
    subject,
    environment: policy.name,
    outcome: 'pass' as const,
    detail: {to: policy.name, person, signer, statement: given.statementSha256, bundle, manifest},
    ...(given.tool !== undefined && {tools: [given.tool]}),
    blobs: [
      {name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: given.bundle, exact: true},
      ...approverKey(signer, policy),
    ],
  }
  const isOfIt = (record: {subject: string; data: {detail: {bundle: string}}}) => record.subject === subject && record.data.detail.bundle === bundle
  const record = await recordOnce(`the approval of ${subject} for ${policy.name}`, context, input, isOfIt)
  return {exitCode: EXIT.ok, environment: policy.name, repository, digest: open.digest, person, signer, attached, manifest, record}
}

/** Of an approver who is known by a key: what their word is verified by. */
function approverKey(signer: SignerId, {approvals: {by}}: ApprovingPolicy): BlobInput[] {
  return by.flatMap((approver) => ('key' in approver && 'spki' in signer && approver.key.spki === signer.spki ? [keyText(approver.key)] : [])).slice(0, 1)
}

function refuseUnclear({key, bundle, ticket}: ApproveRequest): void {
  if ((key === undefined) === (bundle === undefined))
    throw new AppError('usage.flag', 'it is not clear who approves', {
      fix: "Give the approver's own key (--key), or an approval that was signed elsewhere (--bundle).",
    })
  if (bundle !== undefined && ticket !== undefined)
    throw new AppError('usage.flag', '--ticket would have to be signed, and the approval in --bundle is signed already')
}

async function sign(request: ApproveRequest, open: OpenImage, repository: string, policy: ApprovingPolicy, context: Context): Promise<Given> {
  const key = await openSigningKey(request.key, context, request)
  const signer = {spki: key.public.spki}
  const person = approverOf(signer, policy)
  const predicate = {
    environment: policy.name,
    repository,
    approvedOn: context.now().toISOString(),
    ...(request.ticket !== undefined && {ticket: request.ticket}),
  }
  if (!ApprovalPredicate.safeParse(predicate).success)
    throw new AppError('usage.flag', `${JSON.stringify(request.ticket)} is not a ticket: a code without spaces`)
  const same = (statement: Statement) => {
    const said = ApprovalPredicate.safeParse(statement.predicate).data
    const isSame = said?.environment === policy.name && said.repository === repository && said.ticket === request.ticket
    return isSame && open.subjects.every(({digest}) => subjectFor(statement, digest) !== undefined)
  }
  const result = await attachBundle({store: open.store, subjects: open.subjects, key, statement: {predicateType: APPROVAL_TYPE, predicate}, same}, context)
  return {...result, signer, person}
}

async function take(file: string, open: OpenImage, repository: string, policy: ApprovingPolicy, context: Context): Promise<Given> {
  const {bundle, payload, signer, person, statement} = await readApproval(file, {digest: open.digest, repository}, policy, context)
  const subjects = open.subjects.filter(({digest}) => subjectFor(statement, digest) !== undefined)
  const {manifest, attached} = await attachSigned({store: open.store, subjects, bundle, predicateType: APPROVAL_TYPE}, context)
  return {bundle, statementSha256: sha256Hex(payload), signer, person, manifest, attached}
}
