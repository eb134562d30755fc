/**
 * The policy of a cluster and every file that it names, as they go beside the provider: only what lies below the policy's
 * own folder can. What comes from an address is fetched there, and is pinned by digest.
 */
import {basename, isAbsolute, relative, resolve} from 'node:path'
import type {PolicyFile} from '../../admission/manifests/policy-files.ts'
import {AppError} from '../../errors.ts'
import {splitPin} from '../../evidence/pinned-file.ts'
import {isWebAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'

export interface PolicyToMount {
  /** As the provider is given it: a path below its folder, or `URL@sha256:…`. */
  readonly policy: string
  readonly files: readonly PolicyFile[]
}

/** @param named by --policy. @throws AppError `policy.invalid`, `usage.flag`, `usage.input` */
export async function policyToMount(named: string, {config, files}: Pick<Context, 'config' | 'files'>): Promise<PolicyToMount> {
  const {file, sha256} = splitPin(named)
  const remote = isWebAddress(file)
  if (remote && sha256 === undefined)
    throw new AppError('usage.flag', `--policy ${file} has no digest, so it could change under the cluster`, {fix: 'Write it as URL@sha256:<64 hex>.'})
  const own = config.file === undefined || remote ? [] : [config.file]
  const paths = new Set([...own, ...namedFiles(config).map((path) => resolve(config.root, splitPin(path).file))])
  const read: PolicyFile[] = []
  for (const path of paths) read.push({path: below(path, config.root), bytes: await bytesOf(path, files)})
  return {policy: remote ? named : `${basename(config.file ?? file)}${sha256 === undefined ? '' : `@sha256:${sha256}`}`, files: read}
}

/** By the keys under which a policy names a file. */
function namedFiles(config: Context['config']): string[] {
  const {environments, platform, images, admission, floor, identities, revocations} = config
  const list = revocations === undefined || isWebAddress(revocations.from) ? [] : [revocations.from, `${revocations.from}.sigstore.json`]
  return [
    ...filesIn([environments, platform, images, admission, floor, revocations?.key]),
    ...[config['trusted-root'], identities].flatMap((path) => path ?? []),
    ...list,
  ].filter((path) => !isWebAddress(path))
}

function filesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => (key === 'file' && typeof inner === 'string' ? [inner] : filesIn(inner)))
}

function below(path: string, root: string): string {
  const inside = relative(root, path)
  if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return inside
  throw new AppError('usage.input', `the policy names ${path}, which does not lie below ${root}`, {
    fix: 'Put it beside the policy: a provider in a cluster has nothing else.',
  })
}

async function bytesOf(path: string, files: Context['files']): Promise<Uint8Array> {
  if (!(await files.exists(path))) throw new AppError('policy.invalid', `there is no file ${path}, which the policy names`)
  return files.read(path)
}
