/**
 * Is a file, or whatever has a digest, signed by the signer that is named?
 *
 * Needs neither configuration nor store nor network. Each bundle was named by
 * hand, so each has to hold: a statement names the digest among its subjects,
 * and does not say that it did not pass; a message signature is over it.
 */
import {resolve} from 'node:path'
import {AppError, REASONS, type ReasonCode} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {SIGN_TYPE, Statement, subjectFor} from '../../evidence/statement.ts'
import {isDigest} from '../../images/reference.ts'
import {conclude} from '../../policy/judge.ts'
import type {Check} from '../../policy/model.ts'
import {signerText} from '../../policy/signer-text.ts'
import {trustOf} from '../../policy/trust.ts'
import {saysFailed} from '../../predicates/says-failed.ts'
import type {Context} from '../../ports/context.ts'
import type {SignedContent} from '../../ports/signatures.ts'
import {checkGiven, type GivenBundle} from './given-bundles.ts'
import {recordVerdict, type VerifyResult} from './record-verdict.ts'
import {signerPolicy, type PolicyRequest} from '../policy/select-policy.ts'

export interface ArtifactRequest extends Pick<PolicyRequest, 'key' | 'identity' | 'trustedRoot'> {
  /** A path, or `sha256:<hex>`. */
  readonly artifact: string
  readonly bundles: readonly string[]
}

/** @throws AppError `usage.*`, `policy.invalid`, `key.*` */
export async function verifyArtifact({artifact, bundles, ...signer}: ArtifactRequest, context: Context): Promise<VerifyResult> {
  if (signer.key === undefined && signer.identity === undefined)
    throw new AppError('usage.flag', `nothing says who has to have signed ${artifact}`, {
      fix: 'Add --key FILE, or --certificate-identity ID --certificate-oidc-issuer URL.',
    })
  const policy = await signerPolicy(signer, context)
  const bytes = isDigest(artifact) ? undefined : await context.files.read(resolve(context.cwd, artifact))
  const digest = bytes === undefined ? artifact : `sha256:${sha256Hex(bytes)}`

  const given = await checkGiven(bundles, trustOf(policy), context, bytes ?? digest)
  const checks = given.map((bundle) => ({...judgeBundle(bundle, digest), name: 'signature' as const}))
  const result = {
    ...conclude(checks),
    image: artifact,
    repository: undefined,
    digest,
    environment: policy.name,
    policy: policy.digest,
    asOf: context.now().toISOString(),
    record: undefined,
    recorded: false,
  }
  return recordVerdict(result, policy, context, `urn:hipaa-ci:artifact:${digest}`)
}

function judgeBundle({path, check}: GivenBundle, digest: string): Omit<Check, 'name'> {
  if (check.state === 'failed') return fault(check.reason, `${path}: ${check.message}`)
  const {content, signer, signedAt} = check
  const statement = content.kind === 'statement' ? Statement.safeParse(content.statement).data : undefined
  if (!isAbout(content, statement, digest)) return fault('signature.wrong-subject', `${path}: the statement is about something else than ${digest}`)
  if (statement !== undefined && saysFailed(statement))
    return fault('attestation.invalid', `${path}: signed by ${signerText(signer)}, and says that it did not pass (${statement.predicateType})`)
  const what = statement === undefined || statement.predicateType === SIGN_TYPE ? 'signed' : `a statement (${statement.predicateType}) signed`
  return {state: 'verified', message: `${what} by ${signerText(signer)}${signedAt === undefined ? '' : ` at ${signedAt.slice(0, 19)}Z`}`}
}

/** Message signatures were held against the artifact when they were verified. */
function isAbout(content: SignedContent, statement: Statement | undefined, digest: string): boolean {
  if (content.kind !== 'statement') return content.digest === digest
  return statement !== undefined && subjectFor(statement, digest) !== undefined
}

function fault(reason: ReasonCode, message: string): Omit<Check, 'name'> {
  const {exit, fix} = REASONS[reason]
  const isAboutImages = /image|registry|environment/.test(fix)
  return {
    state: exit === 1 ? 'failed' : 'could-not-check',
    reason,
    message,
    ...(isAboutImages && {fix: 'Get the bundle that its signer made for these very bytes, and name that signer.'}),
  }
}
