/**
 * Asks a cluster for its pods through kubectl, which knows every way of logging in to one.
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
const UNKNOWN = /context ".*" does not exist|no configuration has been provided|invalid configuration|stat .*: no such file/i

/** All pods as kubectl writes them, for `parsePodListing`. */
export const listPods: ToolSpec<ClusterAddress, Uint8Array> = {
  tool: 'kubectl',
  answers: [0, 1],
  outputs: [],
  argv: ({kubeconfig, context}, scratch) => [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    `--cache-dir=${scratch}/tmp/kube`,
    '--request-timeout=120s',
    'get',
    'pods',
    '--all-namespaces',
    '--output=json',
  ],
  env: ({variables}) => variables,
  timeout: 300_000,
  parse({exitCode, stdout, stderr}) {
    if (exitCode === 0) return Buffer.from(stdout)
    // Its words may quote addresses and roles: only the kind is taken from them.
    if (UNKNOWN.test(stderr))
      throw new AppError('usage.flag', 'kubectl knows no such cluster', {fix: 'Check --kubeconfig and --context: kubectl config get-contexts'})
    if (REFUSED.test(stderr)) throw new AppError('admission.cluster', 'the cluster does not let this user list the pods of all namespaces')
    if (OUT_OF_REACH.test(stderr)) throw new AppError('admission.cluster', 'the cluster does not answer kubectl')
    throw new AppError('admission.cluster', 'kubectl could not list the pods of all namespaces')
  },
}
