/** What a cluster runs: out of a listing that somebody gives, or asked through kubectl. */
import {delimiter, resolve} from 'node:path'
import {parsePodListing, type PodListing} from '../../admission/pod-listing.ts'
import {clusterVariables} from '../../child-environment.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import {listPods} from '../../tools/kubectl.ts'

export interface ListingRequest {
  /** Path, or `-`; undefined: the cluster is asked. */
  readonly listing?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

export interface ReadListing extends PodListing {
  readonly source: 'cluster' | 'listing'
  /** SHA-256 of what was read, hex. */
  readonly sha256: string
  readonly tools: readonly ToolRecord[]
}

/** @throws AppError `usage.*`, `admission.cluster`, `tool.*` */
export async function readPodListing({listing, kubeconfig, context: name}: ListingRequest, context: Context): Promise<ReadListing> {
  if (listing !== undefined) {
    const bytes = await context.files.read(listing === '-' ? '-' : resolve(context.cwd, listing))
    return {...parsePodListing(bytes), source: 'listing', sha256: sha256Hex(bytes), tools: []}
  }
  context.progress.step('Asking the cluster for its pods')
  const variables = clusterVariables(context.variable)
  const {value: bytes, tool} = await context.runTool(listPods, {
    kubeconfig: kubeconfig === undefined ? undefined : resolve(context.cwd, kubeconfig),
    context: name,
    variables: {...variables, ...(variables['KUBECONFIG'] !== undefined && {KUBECONFIG: absolute(variables['KUBECONFIG'], context.cwd)})},
  })
  return {...parsePodListing(bytes), source: 'cluster', sha256: sha256Hex(bytes), tools: [tool]}
}

/** kubectl runs in a folder of its own. */
function absolute(paths: string, cwd: string): string {
  return paths
    .split(delimiter)
    .map((path) => (path === '' ? path : resolve(cwd, path)))
    .join(delimiter)
}
