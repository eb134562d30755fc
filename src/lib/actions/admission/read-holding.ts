/** One configuration with all that it names for a cluster, read at once and then seen no other way. */
import type {Config} from '../../config/schema.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {Policy, RevocationList} from '../../policy/model.ts'
import type {Context, FileReader} from '../../ports/context.ts'
import {matchesGlob} from '../../policy/glob.ts'
import {readBreakGlass} from '../policy/read-break-glass.ts'
import {readTrustedRoot} from '../policy/read-trust.ts'
import {digestOf, environmentPolicy} from '../policy/select-policy.ts'
import {noEnvironment, oneEnvironment, type Ground} from './find-ground.ts'

export interface Holding {
  readonly config: Config
  readonly digest: string
  readonly context: Context
  readonly find: (namespace: string, revocations: RevocationList | undefined) => Ground
}

/** Environments that the cluster cannot land in are not read: what is wrong there is in nobody's way here. @throws AppError `policy.invalid`, `key.*` */
export async function readHolding(cluster: string, config: Config, base: Context): Promise<Holding> {
  const context = {...base, config, files: readOnce(base.files)}
  const landing = Object.entries(config.environments).filter(([, {match}]) => match?.clusters.some((pattern) => matchesGlob(pattern, cluster)))
  const policies = new Map<string, Policy>()
  for (const [name, environment] of landing) {
    // oxlint-disable-next-line no-await-in-loop -- few, and the first fault is the one to tell
    policies.set(name, await environmentPolicy(name, environment, context))
  }
  const breakGlass = await readBreakGlass(context)
  // The digest of a policy says nothing of the root by which the `images` rules judge.
  const isRooted = config.images.some(({identities}) => identities !== undefined)
  const root = isRooted ? sha256Hex((await readTrustedRoot('the images rules', context)).bytes) : undefined
  return {
    config,
    context,
    digest: digestOf({cluster, config, root, policies: Object.fromEntries([...policies].map(([name, {digest}]) => [name, digest]))}),
    find(namespace, revocations) {
      const match = oneEnvironment(cluster, namespace, config.environments)
      if (typeof match === 'string') return noEnvironment(match)
      const [environment] = match
      const policy = policies.get(environment)
      if (policy === undefined) return noEnvironment(`environment ${environment} is none of ${cluster}`)
      return {environment, policy, revocations, ...(breakGlass !== undefined && {breakGlass})}
    },
  }
}

/** What was read once stays so; what could not be read is tried again. */
function readOnce(files: FileReader): FileReader {
  const known = new Map<string, Promise<Uint8Array>>()
  return {
    exists: async (path) => known.has(path) || files.exists(path),
    async read(path) {
      const bytes = known.get(path) ?? files.read(path)
      known.set(path, bytes)
      try {
        return await bytes
      } catch (error) {
        known.delete(path)
        throw error
      }
    },
  }
}
