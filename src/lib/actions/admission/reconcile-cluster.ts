/**
 * What a cluster runs against the records of what was let in: what nobody let in is an unverified workload.
 *
 * Rules: pods are found again by uid, so records are read from before the oldest pod on, whatever --since says; that only
 * bounds which requests are missed where their pod is gone. What is known in part, on either side, is not told as whole.
 */
import {allowedRequests} from '../../admission/allowed-requests.ts'
import {reconcilePods, type ReconciledPods} from '../../admission/reconcile-pods.ts'
import {leftOut} from '../../admission/left-out.ts'
import type {Difference} from '../../admission/reconciled-difference.ts'
import {declaredExempt} from '../../admission/unverified-causes.ts'
import {REASONS, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {parseSince} from '../query/parse-since.ts'
import {checkOtherDigests} from './check-other-digests.ts'
import {evidenceOf} from './cluster-evidence.ts'
import {reasonsFor, tooYoung} from './reconcile-reasons.ts'
import {readInstallation, type InstallationRequest} from './read-installation.ts'
import {readPodListing} from './read-pod-listing.ts'
import {recordReconciliation} from './record-reconciliation.ts'

export interface ReconcileRequest extends InstallationRequest {
  readonly cluster: string
  /** `90d`, or a date. */
  readonly since: string
}

export interface ReconcileResult {
  readonly kind: 'pods'
  readonly cluster: string
  readonly source: 'cluster' | 'listing'
  readonly window: {readonly from: string; readonly to: string}
  readonly exitCode: ExitCode
  readonly pods: number
  /** Pods that a record let in, and how. */
  readonly letIn: {readonly verified: number; readonly warned: number; readonly exempted: number}
  readonly unverified: {readonly open: number; readonly explained: number}
  /** Who says that a namespace is exempt: the policy alone, where the cluster was not asked. */
  readonly exemptBy: 'policy' | 'policy-and-cluster'
  readonly onlyEvidence: number
  readonly differences: readonly Difference[]
  readonly reasons: readonly ReasonCode[]
  readonly incomplete: readonly string[]
  /** Keys of records that could not be read. */
  readonly unreadable: readonly string[]
  readonly record: string | undefined
}

const DAY = 86_400_000

/** @throws AppError `usage.*`, `admission.cluster`, `tool.*`, `store.*`, `record.not-written` */
export async function reconcileCluster({cluster, since, ...request}: ReconcileRequest, context: Context): Promise<ReconcileResult> {
  const now = context.now()
  const from = parseSince(since, now)
  const listing = await readPodListing(request, context)
  const installation = await readInstallation(request, context)
  const oldest = listing.pods.reduce((least, {created}) => Math.min(least, Date.parse(created)), from.getTime())
  const begin = Math.max(0, oldest - DAY)
  context.progress.step('Reading the records of what was let in')
  const {admissions, times, unreadable} = await evidenceOf(cluster, begin, context)
  const left = installation.known === undefined ? undefined : leftOut(installation.known, declaredExempt(times), now)
  const {differences, otherDigests, matched} = reconcilePods(listing.pods, allowedRequests(admissions), {times, since: from.toISOString(), now, leftOut: left})
  const all = [...(left?.differences ?? []), ...differences, ...(await checkOtherDigests(otherDigests, context))]
  const incomplete = [
    ...incompleteness(listing, all),
    ...(installation.why === undefined ? [] : [`what the cluster leaves out is not known: ${installation.why}`]),
  ]
  const reasons = reasonsFor(all, incomplete.length > 0 ? 'admission.listing' : undefined, unreadable)
  const verdict = worstExit(reasons.map((reason) => REASONS[reason].exit))
  const ofSource = all.filter(({side, open, uid}) => side === 'source' && (open || uid !== undefined))
  const counts = {
    pods: listing.pods.length,
    letIn: countHow(matched),
    unverified: countOpen(ofSource),
    exemptBy: left === undefined ? ('policy' as const) : ('policy-and-cluster' as const),
    onlyEvidence: all.filter(({side}) => side === 'evidence').length,
  }
  const window = {from: new Date(begin).toISOString(), to: now.toISOString()}
  const written = await recordReconciliation(
    {
      source: listing.source,
      cluster,
      window,
      both: matched.length,
      only_source: new Set(ofSource.map(({uid, what}) => uid ?? what)).size,
      only_evidence: counts.onlyEvidence,
      differences: all,
      about: {...counts, incomplete, unreadable, listing: {sha256: listing.sha256, truncated: listing.truncated}},
      tools: listing.tools.length > 0 ? listing.tools : installation.tools,
    },
    verdict,
    context,
  )
  return {kind: 'pods', cluster, source: listing.source, window, ...counts, differences: all, reasons, incomplete, unreadable, ...written}
}

function incompleteness({pods, truncated}: {readonly pods: readonly unknown[]; readonly truncated: boolean}, differences: readonly Difference[]): string[] {
  const unchecked = differences.filter(({reason}) => reason === 'digest-not-checked').length
  return [
    ...(truncated ? ['the listing is one page of several'] : []),
    ...(pods.length === 0 ? ['the listing names no pod, and a cluster without any is not likely'] : []),
    ...tooYoung(differences),
    ...(unchecked > 0 ? [`of ${unchecked} running ${unchecked === 1 ? 'image' : 'images'} it could not be told whether it is what was let in`] : []),
  ]
}

function countHow(matched: ReconciledPods['matched']): ReconcileResult['letIn'] {
  const count = (way: string) => matched.filter(({how}) => how === way).length
  return {verified: count('verified'), warned: count('warned'), exempted: count('exempted')}
}

/** Pods without a record, or let in as something else. */
function countOpen(differences: readonly Difference[]): ReconcileResult['unverified'] {
  const open = new Set(differences.flatMap((one) => (one.open ? (one.uid ?? []) : [])))
  const explained = new Set(differences.flatMap((one) => (one.causes?.includes('exempt-namespace') ? one.uid : [])))
  return {open: open.size, explained: explained.size}
}
