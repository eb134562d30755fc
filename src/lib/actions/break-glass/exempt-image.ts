/**
 * Breaks the glass for one image: a signed, time-boxed exemption, attached to it, and the record that opens it.
 *
 * The key has to be named, as in an approval. Nothing is attached that would not count.
 */
import {matchEnvironments} from '../../admission/match-environment.ts'
import type {LongLived} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {readExemption, type BreakGlassPolicy} from '../../policy/exemption.ts'
import {personBehind} from '../../policy/approver.ts'
import type {Context} from '../../ports/context.ts'
import {EXEMPTION_TYPE, ExemptionPredicate} from '../../predicates/exemption.ts'
import {revokedPodImage} from '../admission/revoked-pod-image.ts'
import {recordOnce} from '../evidence/record-once.ts'
import {openPinnedImage, repositoryOf, type OpenImage} from '../open-image.ts'
import {keyText} from '../policy/policy-text.ts'
import {readBreakGlass} from '../policy/read-break-glass.ts'
import {readRevocations} from '../revoke/read-revocations.ts'
import {attachBundle} from '../sign/attach-bundle.ts'
import {openSigningKey} from '../sign/signing-key.ts'
import {subjectOf} from '../verify/record-verdict.ts'

export interface ExemptRequest {
  /** `HOST/REPO@sha256:…` */
  readonly image: string
  readonly cluster: string
  readonly namespace: string
  readonly reason: string
  readonly incident: string
  /** Milliseconds. */
  readonly lasts: number
  /** The person's own signing key. */
  readonly key: string
  readonly allowLongLived?: readonly LongLived[]
}

export interface ExemptResult extends ExemptionPredicate {
  readonly exitCode: ExitCode
  readonly repository: string
  readonly digest: string
  /** SHA-256 of the signed statement, hex: what the records of its use name. */
  readonly statement: string
  readonly manifest: string
  /** False where the image carried it already. */
  readonly attached: boolean
  readonly record: string | undefined
}

/** @throws AppError `policy.invalid`, `usage.*`, `break-glass.not-named`, `image.*`, `revocation.*`, `key.*`, `record.not-written` */
export async function exemptImage(request: ExemptRequest, context: Context): Promise<ExemptResult> {
  const policy = await readBreakGlass(context)
  if (policy === undefined)
    throw new AppError('policy.invalid', 'the policy names nobody who may break the glass', {
      fix: 'Write `admission.break-glass.by`: each person with a key of their own. Until the provider judges by it, only --provider-down is left.',
    })
  if (request.lasts > policy.maxHours * 3_600_000)
    throw new AppError('usage.flag', `the policy lets an exemption last ${policy.maxHours} hours at most`, {fix: `--for ${policy.maxHours}h`})
  refuseWithoutEffect(request, context)
  const key = await openSigningKey(request.key, context, request)
  const signer = {spki: key.public.spki}
  const person = personBehind(signer, policy.by)
  if (person === undefined) {
    const named = [...new Set(policy.by.map((one) => one.person))].join(', ')
    throw new AppError('break-glass.not-named', `sha256:${signer.spki} is of nobody who may break the glass; that are: ${named}`)
  }
  const predicate = predicateOf(request, person, context.now())
  const open = await openPinnedImage(request.image, context)
  const repository = repositoryOf(open, undefined)
  await refuseRevoked(open, repository, context)
  context.progress.step(`Exempting ${repository}@${open.digest} in ${request.namespace} on ${request.cluster}`)

  let said = predicate
  const place = {...request, digest: open.digest}
  const attached = await attachBundle(
    {
      store: open.store,
      subjects: [open.image.descriptor],
      key,
      statement: {predicateType: EXEMPTION_TYPE, predicate},
      same: (statement) => {
        const before = readExemption({statement, signer}, place, policy, context.now())
        const isSame = typeof before !== 'string' && sameRequest(before, predicate)
        if (isSame) said = before
        return isSame
      },
    },
    context,
  )
  const {statementSha256: statement, manifest, bundle, tool} = attached
  const {cluster, namespace, reason, incident, from, expires} = said
  const [environment, ...others] = matchEnvironments(cluster, namespace, context.config.environments)
  const record = await recordOnce(
    `the exemption of ${repository}@${open.digest}`,
    context,
    {
      stream: 'break-glass',
      subject: subjectOf(repository, open.digest),
      environment: environment === undefined || others.length > 0 ? 'none' : environment[0],
      outcome: 'warn',
      detail: {action: 'open', kind: 'exemption', cluster, namespace, digest: open.digest, reason, incident, from, expires, statement, person: said.person},
      ...(tool !== undefined && {tools: [tool]}),
      blobs: [{name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: bundle, exact: true}, ...texts(signer.spki, policy)],
    },
    ({data}) => data.detail.action === 'open' && data.detail.statement === statement,
  )
  return {exitCode: EXIT.ok, ...said, repository, digest: open.digest, statement, manifest, attached: attached.attached, record}
}

function predicateOf({cluster, namespace, reason, incident, lasts}: ExemptRequest, person: string, now: Date): ExemptionPredicate {
  const [from, expires] = [now.toISOString(), new Date(now.getTime() + lasts).toISOString()]
  const parsed = ExemptionPredicate.safeParse({cluster, namespace, reason, incident, from, expires, person})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('usage.flag', `--${issue?.path.join('.')}: ${issue?.message}`)
}

/** The same wish, asked again while it lasts. */
function sameRequest(before: ExemptionPredicate, now: ExemptionPredicate): boolean {
  return before.reason === now.reason && before.incident === now.incident && lengthOf(before) === lengthOf(now)
}

function lengthOf({from, expires}: ExemptionPredicate): number {
  return Date.parse(expires) - Date.parse(from)
}

/** At three in the morning a name that is mistyped costs more than an error. */
function refuseWithoutEffect({cluster, namespace}: ExemptRequest, {config: {environments, admission}}: Pick<Context, 'config'>): void {
  const where = `${namespace} on ${cluster}`
  if (admission.exempt.includes(namespace)) throw new AppError('usage.flag', `${namespace} is exempt: nothing is refused there, so there is nothing to exempt`)
  const matching = matchEnvironments(cluster, namespace, environments).length
  if (matching === 1) return
  const covers = matching === 0 ? 'no environment of the policy covers' : 'more than one environment of the policy covers'
  throw new AppError('usage.flag', `${covers} ${where}: an exemption would let nothing in there`, {
    fix: 'Look at --cluster and --namespace, and at environments.*.match of the policy.',
  })
}

/** It would not count. */
async function refuseRevoked({digest}: OpenImage, repository: string, context: Context): Promise<void> {
  const place = {image: `${repository}@${digest}`, path: 'the image', unchanged: false, repository, digest}
  const refusal = await revokedPodImage(place, await readRevocations(context), context.now(), context)
  const [reason] = refusal?.reasons ?? []
  if (refusal !== undefined && reason !== undefined) throw new AppError(reason, `no exemption would count: ${refusal.message}`)
}

function texts(spki: string, {by}: BreakGlassPolicy) {
  return by.flatMap((one) => ('key' in one && one.key.spki === spki ? [keyText(one.key)] : [])).slice(0, 1)
}
