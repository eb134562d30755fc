/** Asks the cluster that `kubectl` is set to, as whoever it is set to. */
import {z} from 'zod'
import type {OfferPod, PodOffer} from '../ports/cluster.ts'
import type {Run, RunResult} from '../process.ts'

/** Milliseconds; longer than a webhook may take. */
const TIMEOUT = 30_000
/** `Error from server (Forbidden): …`; what it names is the reason of the API server's Status. */
const REFUSAL = /Error from server(?: \((\w+)\))?:\s*([\s\S]*)/
const HTTP: Readonly<Record<string, number>> = {Forbidden: 403, BadRequest: 400, Invalid: 422, NotFound: 404, InternalError: 500, Timeout: 504}

const Pod = z.looseObject({kind: z.literal('Pod')})

/** @param env with what `kubectl` goes by: KUBECONFIG, and what its plug-in for AWS goes by */
export function offerByKubectl(run: Run, env: Readonly<Record<string, string | undefined>>): OfferPod {
  // On EKS it asks AWS who we are.
  const own = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && /^(?:KUBECONFIG$|AWS_)/.test(name) ? [[name, value]] : [])),
  )
  return async (namespace, pod) => {
    const argv = ['kubectl', 'create', '--dry-run=server', '--output=json', '--validate=false', `--namespace=${namespace}`, '--filename=-'] as const
    return offerOf(await run(argv, {env: own, input: Buffer.from(JSON.stringify(pod)), timeout: TIMEOUT, maxOutput: 1024 * 1024}))
  }
}

function offerOf(result: RunResult): PodOffer {
  if (result.kind === 'not-found') return {kind: 'unreachable', message: 'this runs in no cluster, and there is no kubectl'}
  if (result.kind === 'spawn-failed') return {kind: 'unreachable', message: result.message}
  if (result.kind !== 'exited') return {kind: 'unreachable', message: `kubectl ${result.kind.replaceAll('-', ' ')}`}
  const {exitCode, stdout, stderr} = result
  if (exitCode === 0) return isPod(stdout) ? {kind: 'admitted'} : {kind: 'unreachable', message: 'kubectl said nothing of a pod'}
  const [, reason = '', message] = REFUSAL.exec(stderr) ?? []
  if (message === undefined) return {kind: 'unreachable', message: stderr.trim().slice(0, 1_000)}
  return {kind: 'refused', status: HTTP[reason] ?? 0, message: message.trim()}
}

function isPod(text: string): boolean {
  try {
    return Pod.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}
