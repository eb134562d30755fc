/**
 * What a new policy would have said of the images that a cluster asked about: each is judged again, at its own time.
 *
 * Only what a cluster was really asked counts: no dry run, no advice, no audit, nothing judged by hand. An image that ran in
 * any of its pods ran. What cannot be judged any more is named apart, and is never taken for an agreement.
 */
import type {ImageVerdict} from '../../admission/image-verdict.ts'
import {EXIT, REASONS, worstExit, type ExitCode} from '../../errors.ts'
import type {Verdict} from '../../evidence/primitives.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import {recordsOf} from '../evidence/records-of.ts'
import {inOrder} from '../in-order.ts'
import {parseSince} from '../query/parse-since.ts'
import {findGround, type Ground} from './find-ground.ts'
import {judgePlace} from './judge-pod-image.ts'

export interface ReplayRequest {
  /** `90d`, `24h`, or a date. */
  readonly since: string
  /** Only of this cluster. */
  readonly cluster?: string
}

export interface ReplayedImage {
  /** As the pod named it; by repository and digest where it named one. */
  readonly image: string
  readonly environment: string | undefined
  /** Where it was asked for when last. */
  readonly cluster: string
  readonly namespace: string
  /** The time at which it is judged again: when it was asked for last. */
  readonly asOf: string
  readonly asks: number
  /** It was let in, be it with a warning or by an exemption. */
  readonly ran: boolean
  readonly verdict: Verdict
  readonly reasons: ImageVerdict['reasons']
  readonly message: string
}

export interface ReplayResult {
  readonly exitCode: ExitCode
  readonly store: string
  readonly since: string
  /** Distinct images in their environments. */
  readonly images: number
  readonly asks: number
  /** They ran, and would have been refused. */
  readonly refused: readonly ReplayedImage[]
  /** They were refused, and would have been let in. */
  readonly admitted: readonly ReplayedImage[]
  /** Nobody can say: a registry out of reach, or an image that is gone from it. */
  readonly unchecked: readonly ReplayedImage[]
}

interface Asked extends Pick<ReplayedImage, 'image' | 'environment' | 'cluster' | 'namespace' | 'asOf' | 'asks' | 'ran'> {
  readonly path: string
  readonly ground: Ground
}

/** Images that are judged at the same time: each may cost calls of a registry. */
const AT_ONCE = 8

/** @throws AppError `usage.flag`, `policy.*`, `record.*`, `store.*` */
export async function replayAdmissions({since, cluster}: ReplayRequest, context: Context): Promise<ReplayResult> {
  const from = parseSince(since, context.now())
  const store = await context.store()
  const asked = new Map<string, Asked>()
  const grounds = new Map<string, Promise<Ground>>()
  for await (const {subject, time, data} of recordsOf('admission', store, from)) {
    const {detail} = data
    if (!isReal(detail) || (cluster !== undefined && detail.cluster !== cluster)) continue
    const place = `${detail.cluster}\n${detail.namespace}`
    const finding = grounds.get(place) ?? findGround(detail.cluster, detail.namespace, context)
    grounds.set(place, finding)
    const ground = await finding
    const image = subject.includes('@sha256:') && !subject.startsWith('urn:') ? subject : detail.image
    const key = `${ground.environment ?? place}\n${image}`
    const before = asked.get(key)
    asked.set(key, {
      image,
      path: detail.path,
      environment: ground.environment,
      cluster: detail.cluster,
      namespace: detail.namespace,
      asOf: time,
      asks: (before?.asks ?? 0) + 1,
      ran: before?.ran === true || hasRun(detail),
      ground,
    })
  }
  const replayed: ReplayedImage[] = []
  for await (const image of inOrder(asked.values(), AT_ONCE, async (one) => replay(one, context))) replayed.push(image)
  const unchecked = replayed.filter(isUnchecked)
  const checked = replayed.filter((image) => !isUnchecked(image))
  const refused = checked.filter(({ran, verdict}) => ran && verdict !== 'verified')
  return {
    exitCode: exitOf({refused, unchecked, images: replayed.length}),
    store: store.address,
    since: from.toISOString(),
    images: replayed.length,
    asks: replayed.reduce((sum, {asks}) => sum + asks, 0),
    refused,
    admitted: checked.filter(({ran, verdict}) => !ran && verdict === 'verified'),
    unchecked,
  }
}

type Detail = RecordOf<'admission'>['data']['detail']

function isReal({mode, dry_run: dryRun}: Detail): boolean {
  return !dryRun && (mode === 'enforce' || mode === 'warn')
}

function hasRun({mode, verdict, exemption}: Detail): boolean {
  return verdict === 'verified' || mode === 'warn' || exemption !== undefined
}

async function replay({path, ground, ...asked}: Asked, context: Context): Promise<ReplayedImage> {
  const {verdict, reasons, message} = await judgePlace({image: asked.image, path, unchanged: false}, ground, new Date(asked.asOf), context)
  return {...asked, verdict: verdict === 'unchanged' ? 'could-not-check' : verdict, reasons, message}
}

/** An image that is gone says nothing about the policy. */
function isUnchecked({verdict, reasons}: ReplayedImage): boolean {
  return verdict === 'could-not-check' || reasons.includes('image.not-found')
}

/** With nothing to judge nothing was shown. */
function exitOf({refused, unchecked, images}: Pick<ReplayResult, 'refused' | 'unchecked' | 'images'>): ExitCode {
  if (images === 0) return EXIT.missing
  if (refused.length > 0) return EXIT.failed
  return worstExit(unchecked.flatMap(({reasons}) => reasons.map((reason) => REASONS[reason].exit)))
}
