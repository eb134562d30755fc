/**
 * What a cluster would say of what it runs already, if it asked: for whoever is about to switch a refusal on.
 *
 * Rules: every image is judged as the provider would judge it, once for each environment; nothing is recorded, because
 * nothing was asked to be let in. Namespaces that the webhook does not ask about are counted apart, and so is what ended.
 */
import {exitOf, type ImageVerdict} from '../../admission/image-verdict.ts'
import type {ListedImage, ListedPod} from '../../admission/pod-listing.ts'
import type {ImageRule} from '../../config/schema.ts'
import {REASONS, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import {decidingRules} from '../../policy/image-rules.ts'
import type {Context} from '../../ports/context.ts'
import {inOrder} from '../in-order.ts'
import {findGround, type Ground} from './find-ground.ts'
import {judgePlace} from './judge-pod-image.ts'
import type {PreviewedImage} from './previewed-image.ts'
import {proposedRules, type ProposedRules} from './propose-rules.ts'
import {readPodListing, type ListingRequest} from './read-pod-listing.ts'

export interface PreviewRequest extends ListingRequest {
  readonly cluster: string
}

export interface PreviewResult {
  readonly cluster: string
  readonly asOf: string
  readonly source: 'cluster' | 'listing'
  readonly exitCode: ExitCode
  readonly pods: number
  /** Images, each once for each environment. */
  readonly running: number
  readonly verified: number
  readonly byRules: number
  readonly refused: number
  readonly couldNotCheck: number
  readonly reasons: readonly {readonly reason: ReasonCode; readonly images: number}[]
  readonly exempt: {readonly namespaces: readonly string[]; readonly pods: number}
  readonly ended: number
  readonly images: readonly PreviewedImage[]
  /** Why more may run than this says; empty where the listing is whole. */
  readonly incomplete: readonly string[]
  /** A preview lets nothing in. */
  readonly recorded: false
  readonly rules: ProposedRules
}

const AT_ONCE = 8
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed'])

/** @throws AppError `usage.*`, `admission.cluster`, `tool.*`, `policy.*` */
export async function previewAdmission({cluster, ...request}: PreviewRequest, context: Context): Promise<PreviewResult> {
  const {pods: listed, truncated, source} = await readPodListing(request, context)
  const now = context.now()
  const exempt = new Set(context.config.admission.exempt)
  const asked = listed.filter(({namespace}) => !exempt.has(namespace))
  const running = asked.filter(({phase}) => !ENDED.has(phase))
  const places = await collect(cluster, running, context)
  const images: PreviewedImage[] = []
  for await (const judged of inOrder(places, AT_ONCE, async (place) => judge(place, now, context))) images.push(judged)
  const refused = images.filter(({by}) => by === 'refused')
  const incomplete = [
    ...(truncated ? ['the listing is one page of several'] : []),
    ...(listed.length === 0 ? ['the listing names no pod, and a cluster without any is not likely'] : []),
  ]
  return {
    cluster,
    asOf: now.toISOString(),
    source,
    exitCode: worstExit([exitOf(refused.map(asVerdict)), ...(incomplete.length > 0 ? [REASONS['admission.listing'].exit] : [])]),
    pods: running.length,
    running: images.length,
    verified: images.filter(({by}) => by === 'ours').length,
    byRules: images.filter(({by}) => by === 'rule').length,
    refused: refused.filter(({verdict}) => verdict !== 'could-not-check').length,
    couldNotCheck: refused.filter(({verdict}) => verdict === 'could-not-check').length,
    reasons: countReasons(refused),
    exempt: {namespaces: [...exempt].toSorted(), pods: listed.length - asked.length},
    ended: asked.length - running.length,
    images: images.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
    incomplete,
    recorded: false,
    rules: proposedRules(refused, {cluster, now, rules: context.config.images, environments: context.config.environments}),
  }
}

interface Place {
  readonly ground: Ground
  readonly image: ListedImage
  readonly runs: Set<string>
  readonly workloads: Set<string>
}

/** Each image once for each environment that it lands in. */
async function collect(cluster: string, pods: readonly ListedPod[], context: Context): Promise<readonly Place[]> {
  const grounds = new Map<string, Ground>()
  const places = new Map<string, Place>()
  for (const pod of pods) {
    // oxlint-disable-next-line no-await-in-loop -- few namespaces, each once
    const ground = grounds.get(pod.namespace) ?? (await findGround(cluster, pod.namespace, context))
    grounds.set(pod.namespace, ground)
    for (const image of pod.images) {
      // Without an environment the sentence names the namespace.
      const key = JSON.stringify([ground.environment ?? `namespace ${pod.namespace}`, image.image])
      const place = places.get(key) ?? {ground, image, runs: new Set(), workloads: new Set()}
      places.set(key, place)
      if (image.runs !== undefined) place.runs.add(image.from === undefined ? image.runs : `${image.from}@${image.runs}`)
      place.workloads.add(`${pod.namespace}/${pod.owners[0]?.name ?? pod.name}`)
    }
  }
  return [...places.values()]
}

async function judge({ground, image, runs, workloads}: Place, now: Date, context: Context): Promise<PreviewedImage> {
  const judged = await judgePlace({image: image.image, path: image.path, unchanged: false}, ground, now, context)
  const {verdict, reasons, message, allowed} = judged
  return {
    environment: ground.environment,
    image: image.image,
    by: allowed ? admittedBy(judged.repository ?? '', ground, context.config.images) : 'refused',
    verdict,
    reasons,
    message,
    runs: [...runs].toSorted(),
    workloads: [...workloads].toSorted(),
  }
}

/** As `judgePlace` goes: its own repository first, then the rules, then whatever carries the signature. */
function admittedBy(repository: string, {policy}: Ground, rules: readonly ImageRule[]): 'ours' | 'rule' {
  return repository === policy?.repository || decidingRules(repository, rules).length === 0 ? 'ours' : 'rule'
}

function asVerdict({image, verdict, reasons, message}: PreviewedImage): ImageVerdict {
  return {image, path: '', verdict, allowed: false, reasons, message, checks: [], tried: []}
}

function countReasons(refused: readonly PreviewedImage[]): PreviewResult['reasons'] {
  const counts = new Map<ReasonCode, number>()
  for (const {reasons} of refused) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, images]) => ({reason, images})).toSorted((a, b) => b.images - a.images || (a.reason < b.reason ? -1 : 1))
}

function orderOf({by, environment, image}: PreviewedImage): string {
  return JSON.stringify([by === 'refused' ? 0 : 1, environment ?? '', image])
}
