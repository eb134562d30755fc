/**
 * Offers a pod to the cluster that kubectl is set to, as whoever it is set to, by a server-side dry run.
 *
 * Whatever is no answer of the API server is told as one sentence, and never as an answer.
 */
import {z} from 'zod'
import type {PodOffer} from '../ports/cluster.ts'
import type {ToolOutput, ToolSpec} from '../ports/tools.ts'

export interface OfferedPod {
  readonly namespace: string
  readonly pod: object
  /** What finds the cluster and logs in to it, beyond what every child process gets. */
  readonly variables: Readonly<Record<string, string>>
}

const FILE = 'pod.json'
/** `Error from server (Forbidden): …`; what it names is the reason of the API server's Status. */
const REFUSAL = /Error from server(?: \((\w+)\))?:\s*([\s\S]*)/
const OUT_OF_REACH = /Unable to connect to the server|was refused|i\/o timeout|no such host|connection reset|deadline exceeded|timed out|ServiceUnavailable/i
/** `E1126 12:00:00.000000 4242 memcache.go:265] …` */
const SOURCE_LINE = /^[EWI]\d{4} [\d:.]+\s+\d+ \S+\.go:\d+\]/
const HTTP: Readonly<Record<string, number>> = {Forbidden: 403, BadRequest: 400, Invalid: 422, NotFound: 404, InternalError: 500, Timeout: 504}

const Pod = z.looseObject({kind: z.literal('Pod')})

export const offerPod: ToolSpec<OfferedPod, PodOffer> = {
  tool: 'kubectl',
  answers: [0, 1],
  outputs: [],
  inputs: ({pod}) => new Map([[FILE, Buffer.from(JSON.stringify(pod))]]),
  argv: ({namespace}, scratch) => [
    `--cache-dir=${scratch}/tmp/kube`,
    'create',
    '--dry-run=server',
    '--output=json',
    '--validate=false',
    `--namespace=${namespace}`,
    `--filename=${scratch}/${FILE}`,
  ],
  env: ({variables}) => variables,
  // Longer than a webhook may take.
  timeout: 30_000,
  parse: offerOf,
}

function offerOf({exitCode, stdout, stderr}: ToolOutput): PodOffer {
  if (exitCode === 0) return isPod(stdout) ? {kind: 'admitted', warnings: warningsOf(stderr)} : {kind: 'unreachable', message: 'kubectl said nothing of a pod'}
  const [, reason = '', message] = REFUSAL.exec(stderr) ?? []
  if (message === undefined) return {kind: 'unreachable', message: troubleOf(stderr)}
  return {kind: 'refused', status: HTTP[reason] ?? 0, message: message.trim()}
}

function warningsOf(stderr: string): string {
  return lines(stderr)
    .filter((line) => line.startsWith('Warning: '))
    .join('\n')
}

/** One sentence and what to do: kubectl says the same five times over, with the places in its own source. */
function troubleOf(stderr: string): string {
  if (/localhost:8080/.test(stderr) || /no configuration has been provided/.test(stderr))
    return 'kubectl is set to no cluster: set KUBECONFIG, or a context (kubectl config get-contexts)'
  if (/context ".*" does not exist|invalid configuration|stat .*: no such file/i.test(stderr))
    return 'kubectl does not know the cluster that it is set to: look at KUBECONFIG, and at kubectl config get-contexts'
  if (/You must be logged in|getting credentials|Unauthorized/i.test(stderr)) return 'the cluster does not know this user: log in, then try kubectl auth whoami'
  if (OUT_OF_REACH.test(stderr)) return 'the cluster that kubectl is set to does not answer: try kubectl cluster-info, and look at KUBECONFIG'
  return lines(stderr)
    .filter((line) => !SOURCE_LINE.test(line))
    .join(' ')
    .slice(0, 1_000)
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function isPod(text: string): boolean {
  try {
    return Pod.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}
