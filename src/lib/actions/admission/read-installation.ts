/** What a cluster leaves out: out of a file that somebody gives, or asked through kubectl; or why it is not known. */
import {resolve} from 'node:path'
import {INSTALLATION_COMMAND, parseInstallation, type Installation} from '../../admission/installation.ts'
import {AppError} from '../../errors.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import {listObjects} from '../../tools/kubectl.ts'
import {addressOf, type ListingRequest} from './read-pod-listing.ts'

export interface InstallationRequest extends ListingRequest {
  /** Path, or `-`; undefined: the cluster is asked, where its pods are. */
  readonly installation?: string | undefined
}

/** `known`: undefined where nobody asked, or nobody answered. */
export interface ReadInstallation {
  readonly known: Installation | undefined
  /** Why it is not known, where the cluster was asked. */
  readonly why?: string
  readonly tools: readonly ToolRecord[]
}

/** What lies in every cluster, and what only Gatekeeper brings. */
const KINDS = [['namespaces', 'validatingwebhookconfigurations'], ['configs.config.gatekeeper.sh'], ['hipaaciimages.constraints.gatekeeper.sh']] as const

/** @throws AppError `usage.*` for a file, or a cluster that kubectl does not know */
export async function readInstallation({installation, ...request}: InstallationRequest, context: Context): Promise<ReadInstallation> {
  if (installation !== undefined) {
    const bytes = await context.files.read(installation === '-' ? '-' : resolve(context.cwd, installation))
    return {known: parseInstallation([bytes]), tools: []}
  }
  if (request.listing !== undefined) return {known: undefined, tools: []}
  context.progress.step('Asking the cluster what it leaves out')
  const address = addressOf(request, context)
  const lists: Uint8Array[] = []
  const tools: ToolRecord[] = []
  try {
    for (const kinds of [...KINDS.map((what) => ({what})), {what: ['deployments.apps'], selector: 'gatekeeper.sh/system=yes'}]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another: each starts a process
      const {value, tool} = await context.runTool(listObjects, {...address, ...kinds})
      if (value !== undefined) lists.push(value)
      tools.push(tool)
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'admission.cluster') throw error
    return {known: undefined, why: `${error.message} (${INSTALLATION_COMMAND}, then --installation FILE)`, tools}
  }
  return {known: parseInstallation(lists), tools: tools.slice(0, 1)}
}
