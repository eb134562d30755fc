/**
 * Signs an image by digest with the statement that Cosign 3 itself signs, so that `cosign verify` accepts it.
 *
 * The effect comes first, then its record: if the record fails, the error names
 * the effect, and a rerun finds it and writes the record.
 */
import type {LongLived} from '../../config/schema.ts'
import {EXIT, type ExitCode} from '../../errors.ts'
import {SIGN_TYPE, subjectFor, type Statement} from '../../evidence/statement.ts'
import {runUrn} from '../../predicates/provenance.ts'
import type {Context} from '../../ports/context.ts'
import {attachBundle} from './attach-bundle.ts'
import {openPinnedImage, repositoryOf} from '../open-image.ts'
import {keyText} from '../policy/policy-text.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {refuseWaiting} from '../evidence/refuse-waiting.ts'
import {openSigningKey} from './signing-key.ts'

export interface SignRequest {
  readonly image: string
  readonly key?: string
  /** Overrides the image's own repository; needed for a layout. */
  readonly repository?: string
  /** Credentials that do not end by themselves, allowed in CI all the same. */
  readonly allowLongLived?: readonly LongLived[]
}

export interface SignResult {
  readonly exitCode: ExitCode
  readonly repository: string
  readonly digest: string
  readonly subjects: readonly string[]
  readonly signer: {readonly spki: string}
  /** False where the image was signed so before. */
  readonly signed: boolean
  readonly manifest: string
  readonly record: string | undefined
}

export async function signImage(request: SignRequest, context: Context): Promise<SignResult> {
  await refuseWaiting('a signature', context)
  const open = await openPinnedImage(request.image, context)
  const repository = repositoryOf(open, request.repository)
  const key = await openSigningKey(request.key, context, request)
  const {change, runUrl} = await context.ci()

  context.progress.step(`Signing ${repository}@${open.digest}`)
  const attachment = await attachBundle(
    {
      store: open.store,
      subjects: open.subjects,
      key,
      statement: {
        predicateType: SIGN_TYPE,
        predicate: {},
        annotations: {repository, source: change.repository, commit: change.commit, run: runUrl ?? runUrn(await (await context.recorder()).runId())},
      },
      same: (statement, digest) =>
        namesAll(
          statement,
          open.subjects.map((subject) => subject.digest),
        ) && subjectFor(statement, digest)?.annotations?.['repository'] === repository,
    },
    context,
  )

  const subjects = open.subjects.map(({digest}) => digest)
  const record = await recordEffect(`the signature of ${repository}@${open.digest}`, context, {
    stream: 'signature',
    subject: `${repository}@${open.digest}`,
    outcome: 'pass',
    detail: {
      signer: {spki: key.public.spki},
      repository,
      credential_kind: key.kind,
      ...(key.credential !== undefined && {service_credential: key.credential}),
      ...(attachment.signedAt !== undefined && {signed_at: attachment.signedAt}),
      subjects,
      bundle: attachment.bundleSha256,
      manifest: attachment.manifest,
    },
    ...(attachment.tool !== undefined && {tools: [attachment.tool]}),
    blobs: [{name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: attachment.bundle, exact: true}, keyText(key.public)],
  })
  return {
    exitCode: EXIT.ok,
    repository,
    digest: open.digest,
    subjects,
    signer: {spki: key.public.spki},
    signed: attachment.attached,
    manifest: attachment.manifest,
    record,
  }
}

/** A signature made before a platform was added does not cover it. */
function namesAll(statement: Statement, digests: readonly string[]): boolean {
  return digests.every((digest) => subjectFor(statement, digest) !== undefined)
}
