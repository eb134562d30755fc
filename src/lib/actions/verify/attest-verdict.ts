/**
 * Signs a verdict as a SLSA verification summary, and attaches it to what was judged: a failed one too.
 *
 * Each verdict is news, because its time is part of what it says.
 */
import type {LongLived} from '../../config/schema.ts'
import {AppError, worstExit} from '../../errors.ts'
import {VSA_TYPE} from '../../evidence/statement.ts'
import type {Policy} from '../../policy/model.ts'
import {summarize} from '../../policy/summary.ts'
import {vsaPredicate} from '../../predicates/vsa.ts'
import type {Context} from '../../ports/context.ts'
import {attachBundle} from '../sign/attach-bundle.ts'
import type {JudgedImage} from './judge-image.ts'
import {keyText} from '../policy/policy-text.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import type {VerifyResult} from './record-verdict.ts'
import {openSigningKey, type SigningKey} from '../sign/signing-key.ts'

export interface AttestVerdict {
  /** Default: `signing.key` of the configuration. */
  readonly signingKey?: string
  readonly allowLongLived?: readonly LongLived[]
}

interface Attesting extends JudgedImage {
  readonly policy: Policy
  readonly key: SigningKey
}

/** @throws AppError `key.*`, `key-service.*`, `credentials.long-lived` */
export async function verdictKey({signingKey, ...options}: AttestVerdict, context: Context): Promise<SigningKey> {
  return openSigningKey(signingKey, context, options)
}

/** A pass that cannot be signed is thrown as an error; what is none stays what it is. @throws AppError `registry.*`, `tool.*`, `record.*` … */
export async function attestVerdict(result: VerifyResult, attesting: Attesting, context: Context): Promise<VerifyResult> {
  try {
    return {...result, attestation: await attest(result, attesting, context)}
  } catch (error) {
    if (result.verdict === 'verified' || !(error instanceof AppError)) throw error
    context.progress.note(`not attested: ${error.message}`)
    return {...result, exitCode: worstExit([result.exitCode, error.exitCode])}
  }
}

async function attest(
  {verdict, repository, image}: VerifyResult,
  {open, observation, policy, key}: Attesting,
  context: Context,
): Promise<VerifyResult['attestation'] & object> {
  if (open === undefined || repository === undefined) throw new AppError('image.not-found', `there is no ${image} to attach the verdict to`)
  const now = context.now()
  const subject = `${repository}@${open.digest}`
  const predicate = vsaPredicate({
    toolVersion: context.version,
    verifiedAt: now.toISOString(),
    repository,
    digest: open.digest,
    policy: {name: policy.name, sha256: policy.digest},
    verdict,
    ...(observation === undefined ? {level: 0, inputs: []} : summarize(observation, policy, now)),
  })
  context.progress.step(`Attesting the verdict on ${subject}`)
  const attached = await attachBundle(
    {store: open.store, subjects: open.subjects, key, statement: {predicateType: VSA_TYPE, predicate}, same: () => false},
    context,
  )
  const record = await recordEffect(`the verdict on ${subject}`, context, {
    stream: 'attestation',
    subject,
    outcome: 'pass',
    detail: {
      signer: {spki: key.public.spki},
      credential_kind: key.kind,
      ...(key.credential !== undefined && {service_credential: key.credential}),
      ...(attached.signedAt !== undefined && {signed_at: attached.signedAt}),
      predicate_type: VSA_TYPE,
      subjects: open.subjects.map(({digest}) => digest),
      statement: attached.statementSha256,
      bundle: attached.bundleSha256,
      manifest: attached.manifest,
    },
    ...(attached.tool !== undefined && {tools: [attached.tool]}),
    blobs: [{name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: attached.bundle, exact: true}, keyText(key.public)],
  })
  return {manifest: attached.manifest, record}
}
