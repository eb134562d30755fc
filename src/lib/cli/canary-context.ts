/** What the canary needs of the outside: the cluster, and a clock that a signal ends. Part of the composition root. */
import process from 'node:process'
import type {CanaryWatch} from '../actions/admission/watch-canary.ts'
import type {OfferPod} from '../ports/cluster.ts'

/** The cluster that this runs in; else the one that `kubectl` is set to. */
export async function offerPod(): Promise<OfferPod> {
  const {env} = process
  const {ACCOUNT_FOLDER, isInCluster, offerInCluster} = await import('../kubernetes/in-cluster.ts')
  if (isInCluster(env)) return offerInCluster({folder: ACCOUNT_FOLDER, env})
  const [{offerByKubectl}, {run}] = await Promise.all([import('../kubernetes/by-kubectl.ts'), import('../process.ts')])
  return offerByKubectl(run, env)
}

/** @param every milliseconds; undefined: one turn. SIGTERM and SIGINT let the turn end that has begun, and no other begin */
export function turns(every: number | undefined): CanaryWatch['next'] {
  if (every === undefined) return () => Promise.resolve(false)
  const ended = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ended.abort())
  return async () =>
    new Promise((resolve) => {
      if (ended.signal.aborted) return resolve(false)
      const timer = setTimeout(() => {
        ended.signal.removeEventListener('abort', stop)
        resolve(true)
      }, every)
      const stop = () => {
        clearTimeout(timer)
        resolve(false)
      }
      ended.signal.addEventListener('abort', stop, {once: true})
      return undefined
    })
}
