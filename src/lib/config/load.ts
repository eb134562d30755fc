/**
 * Reads `hipaa-ci.yaml` and lays variables and flags over it.
 *
 * Flags win over variables, variables over the file. Every fault is reported
 * at once, each with its line. Paths in the file start from its folder, paths
 * in variables and flags from the working folder. Under a floor the result is
 * the effective configuration: no command sees anything weaker.
 */
import {dirname, relative, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {isWebAddress} from '../evidence/web-address.ts'
import type {NamedPolicy, ReadPolicy} from '../ports/documents.ts'
import {checkConfig, faultLines, rawConfig, type ConfigFault, type Source} from './check.ts'
import {readDocument} from './document.ts'
import {CONFIG_FILE, findConfigFile, type FoundFile} from './find-file.ts'
import {floorInForce, refuseWeaker} from './floor.ts'
import {valueAt} from './mapping.ts'
import {UNNAMED_SYSTEM, type Config} from './schema.ts'
import type {Sealing} from './sealing-schema.ts'
import {readVariables, type Environment, type Setting} from './variables.ts'

/** Keys whose value is a scheme and a path. */
const PLACES: ReadonlySet<string> = new Set(['store', 'index', 'spool', 'signing.key', 'sealing.key', 'redaction.key'])

export interface ConfigRequest {
  readonly cwd: string
  /** `--config`; else `HIPAA_CI_CONFIG`; else found upwards from `cwd`. */
  readonly path?: string | undefined
  /** Stands for the file that would be looked for; `root` is where its paths start from. */
  readonly given?: FoundFile & {readonly root: string}
  readonly env: Environment
  /** Flags by the key they set: `{store: flags.store}`. Undefined ones are left out. */
  readonly overrides?: Readonly<Record<string, string | number | boolean | undefined>>
  /** `optional`: with no file and no name the system is `UNNAMED_SYSTEM`, under which nothing may be recorded. Default `required`. */
  readonly system?: 'required' | 'optional'
  /** The platform's policy by flag; stands in for `floor`. */
  readonly policy?: NamedPolicy
  /** Without it the keys that a floor governs are left out. */
  readonly readPolicy?: ReadPolicy
}

/** @throws AppError `config.invalid`, `config.missing`, `usage.empty`, `policy.*` */
export async function loadConfig({cwd, path, given, env, overrides = {}, system = 'required', policy, readPolicy}: ConfigRequest): Promise<Config> {
  const file = given ?? (await findConfigFile(cwd, path, env))
  const source = file === undefined ? undefined : readSource(file, cwd)
  const root = given?.root ?? (file === undefined ? cwd : dirname(file.path))

  const {settings, unknown} = readVariables(env, namedSecrets(source))
  const outside = [...settings, ...flagSettings(overrides)].map((setting) => ({...setting, value: placed(setting.path.join('.'), setting.value, cwd)}))
  const nameless = source === undefined && !outside.some(({path: [key]}) => key === 'system')
  if (nameless && system === 'required') throw nobody(cwd)

  // The schema takes no such name from a person: one that it takes stands in while it is checked.
  const all = nameless ? [...outside, {path: ['system'], value: '-', where: ''}] : outside
  const raw = rawConfig(source, all)
  const floor = await floorInForce(raw, root, policy, readPolicy)
  const checked = checkConfig(source, all, floor === undefined ? raw : floor.prepare(raw))
  const faults = [...('faults' in checked ? checked.faults : []), ...unknown.map(({name, message}) => ({where: name, key: '', message}))]
  if ('faults' in checked || faults.length > 0) throw invalid(faults)
  if (floor?.platform !== undefined) refuseWeaker(checked, floor.platform)
  const {store, index, spool, signing, sealing, redaction} = checked.config
  return {
    ...checked.config,
    ...(nameless ? {system: UNNAMED_SYSTEM} : {}),
    store: placed('store', store, root),
    ...(index === undefined ? {} : {index: placed('index', index, root)}),
    ...(spool === undefined ? {} : {spool: resolve(root, spool)}),
    ...(sealing === undefined ? {} : {sealing: placedSealing(sealing, root)}),
    signing: signing.key === undefined ? signing : {...signing, key: placed('signing.key', signing.key, root)},
    redaction: redaction.key === undefined ? redaction : {...redaction, key: placed('redaction.key', redaction.key, root)},
    root,
    ...(file === undefined ? {} : {file: file.path}),
    ...(floor?.platform?.policy.environments === undefined ? {} : {platform: floor.platform.policy.environments}),
  }
}

/** @throws AppError `config.missing` where no system is named: a record would belong to nobody */
export function requireSystem(config: Config): void {
  if (config.system === UNNAMED_SYSTEM) throw nobody(config.root)
}

function readSource({path, bytes}: FoundFile, cwd: string): Source {
  const near = relative(cwd, path)
  const name = near.startsWith('..') || isWebAddress(path) ? path : near
  const document = readDocument(decode(bytes, name))
  if (document.faults.length > 0)
    throw invalid(document.faults.map(({position, message}) => ({where: `${name}:${position.line}:${position.column}`, key: '', message})))
  return {name, document}
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (error) {
    throw new AppError('config.invalid', `${name} is not UTF-8`, {cause: error})
  }
}

/** Variables that the file itself points to are secrets, whatever they are called. */
function namedSecrets(source: Source | undefined): ReadonlySet<string> {
  const key = valueAt(source?.document.value, ['redaction', 'key'])
  return new Set(typeof key === 'string' && key.startsWith('env:') ? [key.slice('env:'.length)] : [])
}

function flagSettings(overrides: NonNullable<ConfigRequest['overrides']>): Setting[] {
  return Object.entries(overrides).flatMap(([key, value]) =>
    value === undefined ? [] : [{path: key.split('.'), value, where: `--${key.replaceAll('.', '-')}`}],
  )
}

/** `folder:x` and `file:x` with the path made absolute, and the path of a spool; anything else as it is. */
function placed<T>(key: string, value: T, folder: string): T | string {
  if (key === 'spool' && typeof value === 'string' && value !== '') return resolve(folder, value)
  const [, scheme, path] = typeof value === 'string' && PLACES.has(key) ? (/^(folder|file):(.+)$/s.exec(value) ?? []) : []
  return scheme === undefined || path === undefined ? value : `${scheme}:${resolve(folder, path)}`
}

function placedSealing({key, copies, ...sealing}: Sealing, root: string): Sealing {
  return {
    ...sealing,
    ...(key !== undefined && {key: placed('sealing.key', key, root)}),
    ...(copies !== undefined && {copies: copies.map((address) => placed('store', address, root))}),
  }
}

function nobody(folder: string): AppError {
  return new AppError('config.missing', `no ${CONFIG_FILE} in ${folder} or above it, and HIPAA_CI_SYSTEM is not set`)
}

function invalid(faults: readonly ConfigFault[]): AppError {
  return new AppError('config.invalid', faultLines(faults), {cause: {faults}})
}
