/** The configuration that a command sees: found, with flags and variables over it and the platform's policy under it. Part of the composition root. */
import {dirname} from 'node:path'
import {loadFloor, policyByFlag, type FloorParts} from '../actions/policy/load-floor.ts'
import type {ConfigRequest} from '../config/load.ts'
import type {Config} from '../config/schema.ts'
import {isWebAddress} from '../evidence/web-address.ts'
import type {NamedPolicy, ReadPolicy} from '../ports/documents.ts'

export interface ConfigFlags {
  readonly config?: string | undefined
  readonly store?: string | undefined
  readonly spool?: string | undefined
  /** `FILE[@sha256:…]` or `URL@sha256:…`: the platform's policy, in place of `floor`. */
  readonly policy?: string | undefined
}

export interface ConfigOptions {
  /** `optional`: the command can do without a configuration (see `loadConfig`). */
  readonly system?: 'required' | 'optional'
  /** False where a command judges nothing: it goes on while the platform's policy is out of reach, and does not see what that governs. Default true. */
  readonly judges?: boolean
  /** `FILE[@sha256:…]` or `URL@sha256:…`, in place of the file that would be looked for. */
  readonly soleConfig?: string
}

export interface ConfigParts extends FloorParts {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** @throws AppError `config.*`, `policy.*`, `usage.*` */
export async function effectiveConfig(
  flags: ConfigFlags,
  {system = 'optional', judges = true, soleConfig}: ConfigOptions,
  {cwd, env, ...parts}: ConfigParts,
): Promise<Config> {
  const readPolicy: ReadPolicy = async (named) => loadFloor(named, parts)
  const {loadConfig} = await import('../config/load.ts')
  return loadConfig({
    cwd,
    env,
    system,
    ...(flags.config !== undefined && {path: flags.config}),
    ...(soleConfig !== undefined && (await soleSource(policyByFlag(soleConfig, cwd), soleConfig, cwd, readPolicy))),
    ...(flags.policy !== undefined && {policy: policyByFlag(flags.policy, cwd)}),
    overrides: {store: flags.store, spool: flags.spool},
    ...(judges && {readPolicy}),
  })
}

/** What is pinned is read and held against its pin; a bare path is found and read as --config is. */
async function soleSource(named: NamedPolicy, text: string, cwd: string, readPolicy: ReadPolicy): Promise<Partial<ConfigRequest>> {
  if (named.sha256 === undefined) return {path: text}
  return {given: {path: named.file, bytes: await readPolicy(named), root: isWebAddress(named.file) ? cwd : dirname(named.file)}}
}
