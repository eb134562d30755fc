/**
 * Says that an image must not run any more, or that it may again. Its record is
 * the whole effect: it needs no registry, and the published list is made from it.
 */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {REVOCATION_REASONS} from '../../evidence/details.ts'
import {isDigest, parseReference, splitReference} from '../../images/reference.ts'
import type {Context} from '../../ports/context.ts'
import type {RevokedImage} from '../../predicates/revocations.ts'
import {noteNoReader} from './note-readers.ts'
import {replayRevocations} from './replay-revocations.ts'
import {subjectOf} from '../verify/record-verdict.ts'

export const REASONS_TO_REVOKE = REVOCATION_REASONS
export type RevocationReason = (typeof REASONS_TO_REVOKE)[number]

export interface RevokeRequest {
  /** `HOST/REPO@sha256:…` or `sha256:…`. */
  readonly image: string
  /** Takes the revocation back; else a reason is needed. */
  readonly reinstate: boolean
  readonly reason?: RevocationReason
  /** Default now. */
  readonly since?: Date
}

export interface RevokeResult {
  readonly exitCode: ExitCode
  readonly action: 'revoke' | 'reinstate'
  readonly repository: string | undefined
  readonly digest: string
  /** What is so now; undefined where it is not revoked. */
  readonly reason: RevocationReason | undefined
  /** UTC. */
  readonly since: string
  /** False where the newest record already said the same: nothing was written. */
  readonly changed: boolean
  /** Id of the record that says so; undefined where none ever did. */
  readonly record: string | undefined
}

/** @throws AppError `usage.*`, `record.*`, `store.*` */
export async function revokeImage({image, reinstate, reason, since: given}: RevokeRequest, context: Context): Promise<RevokeResult> {
  const {repository, digest} = named(image)
  if (reinstate === (reason !== undefined))
    throw new AppError('usage.flag', reinstate ? '--reinstate takes no --reason' : 'missing --reason', {
      fix: `Give one of the two: --reinstate, or --reason with ${REASONS_TO_REVOKE.join(', ')}.`,
    })
  const recorder = await context.recorder()
  if (!recorder.enabled)
    throw new AppError('usage.flag', 'with --no-record nothing would be left of it: the record is the revocation', {fix: 'Leave --no-record out.'})
  const revoked = await revokedNow(reinstate, context)
  const before = revoked?.get(digest)
  refuseLater(given, before, digest)
  // Another reason does not make it younger.
  const since = given?.toISOString() ?? (reinstate ? undefined : before?.since) ?? context.now().toISOString()
  const base = {exitCode: EXIT.ok, action: reinstate ? 'reinstate' : 'revoke', repository, digest, reason} as const
  // What is not known is not the same.
  const same =
    revoked !== undefined && (reason === undefined ? before === undefined : before?.reason === reason && (given === undefined || before.since === since))
  if (same) return {...base, since: before?.since ?? since, changed: false, record: before?.record}
  const {id} = await recorder.write({
    stream: 'revocation',
    subject: subjectOf(repository, digest),
    outcome: 'pass',
    detail: reason === undefined ? {action: 'reinstate', what: digest, since} : {action: 'revoke', what: digest, reason, since},
  })
  if (revoked !== undefined) await refuseOvertaken(digest, reinstate, id, context)
  if (!reinstate) noteNoReader(context)
  return {...base, since, changed: true, record: id}
}

/** What must not run now would be let run until then. @throws AppError `usage.flag` */
function refuseLater(given: Date | undefined, before: RevokedImage | undefined, digest: string): void {
  if (given === undefined || before === undefined || given.toISOString() <= before.since) return
  throw new AppError('usage.flag', `${digest} is revoked since ${before.since}, and from ${given.toISOString()} on would let it run until then`, {
    fix: 'Leave --since out. If it may run until then, take the revocation back first: --reinstate.',
  })
}

/** The newest record wins, by the clocks that wrote them: where that is another one, nothing has changed. @throws AppError `record.ahead` */
async function refuseOvertaken(digest: string, reinstate: boolean, id: string, context: Context): Promise<void> {
  const revoked = await replayRevocations(await context.store())
  if (revoked.has(digest) === !reinstate) return
  throw new AppError('record.ahead', `record ${id} is written, but an earlier word on ${digest} is dated later, and still counts`, {
    fix: 'Set the clocks right, of this machine and of the one that wrote it; then run the same command again.',
  })
}

/** What must not run is known by its digest: a tag can move away from it. */
function named(text: string): {repository: string | undefined; digest: string} {
  if (isDigest(text)) return {repository: undefined, digest: text}
  if (splitReference(text).digest === undefined)
    throw new AppError('usage.tag', `${JSON.stringify(text)} names no digest, and only a digest can be revoked`, {
      fix: 'Write HOST/REPO@sha256:…, or sha256:… alone.',
    })
  const {repository, digest} = parseReference(text)
  return {repository, digest: digest ?? ''}
}

/** Undefined where the evidence is broken: that must not keep anybody from revoking; only from taking it back. And where this role may write and not read. */
async function revokedNow(reinstate: boolean, context: Context): Promise<ReadonlyMap<string, RevokedImage> | undefined> {
  try {
    return await replayRevocations(await context.store())
  } catch (error) {
    if (error instanceof AppError && error.code === 'store.refused') {
      context.progress.note('this role may not read what is revoked already: the record is written, and counts from its time on')
      return undefined
    }
    if (reinstate || !(error instanceof AppError) || error.exitCode !== EXIT.evidence) throw error
    context.progress.note(`the evidence is broken, so that no list can be published: ${error.message}`)
    return undefined
  }
}
