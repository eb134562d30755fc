/** Offers a pod to the cluster that kubectl is set to. A kubectl that is missing, crashes or takes too long is no answer of a cluster. */
import {AppError} from '../../errors.ts'
import type {OfferPod} from '../../ports/cluster.ts'
import type {Context} from '../../ports/context.ts'
import {offerPod} from '../../tools/kubectl-offer.ts'
import {kubectlVariables} from './kubectl-variables.ts'

export function offerByKubectl(context: Pick<Context, 'runTool' | 'variable' | 'cwd'>): OfferPod {
  const variables = kubectlVariables(context)
  return async (namespace, pod) => {
    try {
      const {value} = await context.runTool(offerPod, {namespace, pod, variables})
      return value
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('tool.')) throw error
      return {kind: 'unreachable', message: `this runs in no cluster, and kubectl asked none: ${error.message}`}
    }
  }
}
