/**
 * Asks the API server of the cluster that this runs in, by the account that Kubernetes mounts into a pod.
 *
 * The token is read for each request, because it is replaced before it ends. The server is known by the mounted authority
 * and nothing else, no redirect is followed, and an answer is bounded in time and size.
 */
import {readFile} from 'node:fs/promises'
import {request, type RequestOptions} from 'node:https'
import {join} from 'node:path'
import {z} from 'zod'
import type {OfferPod, PodOffer} from '../ports/cluster.ts'

export interface InClusterOptions {
  /** Folder with `token` and `ca.crt`. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds; longer than a webhook may take. */
  readonly timeout?: number
}

/** Where Kubernetes mounts it. */
export const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

const MAX_ANSWER = 1024 * 1024
const Status = z.looseObject({kind: z.literal('Status'), message: z.string().optional(), reason: z.string().optional()})

/** Does this run in a cluster? */
export function isInCluster(env: InClusterOptions['env']): boolean {
  return (env['KUBERNETES_SERVICE_HOST'] ?? '') !== ''
}

export function offerInCluster({folder, env, timeout = 15_000}: InClusterOptions): OfferPod {
  return async (namespace, pod) => {
    try {
      const [token, ca] = await Promise.all([readFile(join(folder, 'token'), 'utf8'), readFile(join(folder, 'ca.crt'))])
      const body = Buffer.from(JSON.stringify(pod))
      const answer = await ask(
        {
          host: env['KUBERNETES_SERVICE_HOST'] ?? '',
          port: env['KUBERNETES_SERVICE_PORT'] ?? '443',
          path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?dryRun=All`,
          method: 'POST',
          ca,
          agent: false,
          headers: {authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json', accept: 'application/json', 'content-length': body.byteLength},
          signal: AbortSignal.timeout(timeout),
        },
        body,
      )
      return offerOf(answer)
    } catch (error) {
      return {kind: 'unreachable', message: error instanceof Error ? error.message : String(error)}
    }
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function ask(options: RequestOptions, body: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (incoming) => {
      const parts: Buffer[] = []
      let size = 0
      incoming.on('data', (part: Buffer) => {
        size += part.byteLength
        if (size > MAX_ANSWER) incoming.destroy(new Error(`the answer is more than ${MAX_ANSWER} bytes`))
        else parts.push(part)
      })
      incoming.on('error', reject)
      incoming.on('end', () => resolve({status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8')}))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Whatever says yes is a yes: that one must not be missed. */
function offerOf({status, text}: Answer): PodOffer {
  if (status >= 200 && status < 300) return {kind: 'admitted'}
  const said = Status.safeParse(json(text)).data
  if (said === undefined) return {kind: 'unreachable', message: `HTTP ${status}, and no answer of an API server`}
  return {kind: 'refused', status, message: said.message ?? said.reason ?? ''}
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
