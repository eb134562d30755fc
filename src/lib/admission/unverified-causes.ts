/**
 * Why a pod may run that no recorded verdict let in: what is plausible, never what is sure.
 *
 * Only a namespace that a provider declared as exempt, in a record from before the pod came, explains it; all else is open,
 * unless it is so young that its record may be on its way from the provider's log to the store.
 */
import type {RecordOf} from '../evidence/schema.ts'
import type {ListedPod} from './pod-listing.ts'

/** What the evidence says of the times of one cluster, each list from the oldest on. */
export interface ClusterTimes {
  readonly enforcement: readonly RecordOf<'enforcement'>[]
  readonly canaries: readonly RecordOf<'canary'>[]
  readonly glass: readonly RecordOf<'break-glass'>[]
}

/**
 * `never-covered`: no provider of this cluster ever reported. `before-coverage`: it is older than the first report.
 * `fail-open-window`: it came while a canary was let in, could not be asked, or the provider was taken out of the way.
 */
export type Cause = 'exempt-namespace' | 'just-created' | 'static-pod' | 'never-covered' | 'before-coverage' | 'fail-open-window' | 'unknown'

/** Milliseconds by which the clocks of the API server and of a provider may differ. */
export const CLOCK_SKEW = 5 * 60_000

/** Milliseconds in which a provider's records usually reach the store. */
const ON_ITS_WAY = 10 * 60_000

export function unverifiedCauses(pod: Pick<ListedPod, 'namespace' | 'created' | 'mirror'>, times: ClusterTimes, now: Date): readonly Cause[] {
  const created = Date.parse(pod.created)
  const [first] = times.enforcement
  const found: Cause[] = []
  if (isExempt(pod.namespace, created, times)) found.push('exempt-namespace')
  // Without a provider no record is on its way.
  if (first !== undefined && created > now.getTime() - ON_ITS_WAY) found.push('just-created')
  if (pod.mirror) found.push('static-pod')
  if (first === undefined) found.push('never-covered')
  else if (created < Date.parse(first.time) + CLOCK_SKEW) found.push('before-coverage')
  if (openWindows(times).some(([from, to]) => created >= from - CLOCK_SKEW && created <= to + CLOCK_SKEW)) found.push('fail-open-window')
  return found.length === 0 ? ['unknown'] : found
}

/** By the last report before the pod came: an exemption that was declared afterwards explains nothing. */
function isExempt(namespace: string, created: number, {enforcement}: ClusterTimes): boolean {
  const before = enforcement.filter(({time}) => Date.parse(time) <= created + CLOCK_SKEW)
  // All replicas judge by one policy, so the newest report speaks for the cluster.
  return before.at(-1)?.data.detail.exempt.includes(namespace) ?? false
}

function openWindows({canaries, glass}: ClusterTimes): readonly (readonly [from: number, to: number])[] {
  const windows: [number, number][] = []
  let from: number | undefined
  let refused: number | undefined
  for (const {time, data} of canaries) {
    const at = Date.parse(time)
    if (data.detail.answer === 'refused') {
      if (from !== undefined) windows.push([from, at])
      from = undefined
      refused = at
      continue
    }
    from ??= refused ?? (data.detail.last_refused === undefined ? at : Date.parse(data.detail.last_refused))
  }
  if (from !== undefined) windows.push([from, Infinity])
  for (const {data} of glass) {
    const {action, kind, from: begins, expires} = data.detail
    if (action === 'open' && kind === 'provider-down') windows.push([Date.parse(begins), Date.parse(expires)])
  }
  return windows
}
