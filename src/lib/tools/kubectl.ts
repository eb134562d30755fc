/**
 * Asks a cluster for its pods, and for what keeps it closed, through kubectl, which knows every way of logging in to one.
 *
 * Rules: it only reads; its cache of what the cluster offers lies in the scratch folder, so that no older answer steers it;
 * what it says of a cluster that refuses or is out of reach is that, and no broken tool.
 */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'

export interface ClusterAddress {
  /** Absolute path; undefined: where kubectl looks by itself. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** What finds the cluster and logs in to it, beyond what every child process gets. */
  readonly variables: Readonly<Record<string, string>>
}

const REFUSED = /\(Forbidden\)|\(Unauthorized\)|You must be logged in|getting credentials/i
const OUT_OF_REACH = /Unable to connect to the server|was refused|i\/o timeout|no such host|connection reset|deadline exceeded|timed out|ServiceUnavailable/i
/** Where nothing is set, kubectl asks this machine. */
const UNSET = /localhost:8080/
const UNKNOWN = /context ".*" does not exist|no configuration has been provided|invalid configuration|stat .*: no such file/i

/** What the API server has no such type of: Gatekeeper is not there, or not ours. */
const NO_SUCH_TYPE = /the server doesn't have a resource type/i

/** All pods as kubectl writes them, for `parsePodListing`. */
export const listPods: ToolSpec<ClusterAddress, Uint8Array> = {
  tool: 'kubectl',
  answers: [0, 1],
  outputs: [],
  argv: (address, scratch) => [...reach(address, scratch), 'get', 'pods', '--all-namespaces', '--output=json'],
  env: ({variables}) => variables,
  timeout: 300_000,
  parse({exitCode, stdout, stderr}) {
    if (exitCode === 0) return Buffer.from(stdout)
    throw failure(stderr, 'the pods of all namespaces')
  },
}

export interface ObjectsWanted extends ClusterAddress {
  readonly what: readonly string[]
  readonly selector?: string
}

/** All objects of these types as kubectl writes them, for `parseInstallation`; undefined where the cluster has no such type. */
export const listObjects: ToolSpec<ObjectsWanted, Uint8Array | undefined> = {
  tool: 'kubectl',
  answers: [0, 1],
  outputs: [],
  argv: ({what, selector, ...address}, scratch) => [
    ...reach(address, scratch),
    'get',
    what.join(','),
    '--all-namespaces',
    ...(selector === undefined ? [] : [`--selector=${selector}`]),
    '--output=json',
  ],
  env: ({variables}) => variables,
  timeout: 300_000,
  parse({exitCode, stdout, stderr}, {what}) {
    if (exitCode === 0) return Buffer.from(stdout)
    if (what.length === 1 && NO_SUCH_TYPE.test(stderr)) return undefined
    throw failure(stderr, what.join(', '))
  },
}

function reach({kubeconfig, context}: ClusterAddress, scratch: string): string[] {
  return [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    `--cache-dir=${scratch}/tmp/kube`,
    '--request-timeout=120s',
  ]
}

/** Its words may quote addresses and roles: only the kind is taken from them. */
function failure(stderr: string, what: string): AppError {
  if (UNSET.test(stderr)) return new AppError('usage.flag', 'kubectl is set to no cluster', {fix: 'Set KUBECONFIG, or name one by --kubeconfig and --context.'})
  if (UNKNOWN.test(stderr))
    return new AppError('usage.flag', 'kubectl knows no such cluster', {fix: 'Check --kubeconfig and --context: kubectl config get-contexts'})
  if (REFUSED.test(stderr)) return new AppError('admission.cluster', `the cluster does not let this user list ${what}`)
  if (OUT_OF_REACH.test(stderr)) return new AppError('admission.cluster', 'the cluster does not answer kubectl')
  return new AppError('admission.cluster', `kubectl could not list ${what}`)
}
