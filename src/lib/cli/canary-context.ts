/** What the canary needs of the outside: the cluster, and a clock that a signal ends. Part of the composition root. */
import process from 'node:process'
import type {CanaryWatch} from '../actions/admission/watch-canary.ts'
import {offerByKubectl} from '../actions/admission/offer-by-kubectl.ts'
import type {Context} from '../ports/context.ts'
import type {OfferPod} from '../ports/cluster.ts'
import {untilStopped} from './until-stopped.ts'

/** The cluster that this runs in; else the one that `kubectl` is set to. */
export async function offerPod(context: Context): Promise<OfferPod> {
  const {env} = process
  const {ACCOUNT_FOLDER, isInCluster, offerInCluster} = await import('../kubernetes/in-cluster.ts')
  if (isInCluster(env)) return offerInCluster({folder: ACCOUNT_FOLDER, env})
  return offerByKubectl(context)
}

/** @param every milliseconds; undefined: one turn. SIGTERM and SIGINT let the turn end that has begun, and no other begin */
export function turns(every: number | undefined): CanaryWatch['next'] {
  if (every === undefined) return () => Promise.resolve(false)
  const ended = new AbortController()
  void untilStopped().then(() => ended.abort())
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
