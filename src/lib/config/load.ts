/**
 * Reads `hipaa-ci.yaml` and lays variables and flags over it.
 *
 * Flags win over variables, variables over the file. Every fault is reported
 * at once, each with its line. Paths in the file start from its folder, paths
 * in variables and flags from the working folder.
 */
import {dirname, relative, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {checkConfig, type ConfigFault, type Source} from './check.ts'
import {readDocument} from './document.ts'
import {CONFIG_FILE, findConfigFile, type FoundFile} from './find-file.ts'
import {valueAt} from './mapping.ts'
import {UNNAMED_SYSTEM, type Config} from './schema.ts'
import {readVariables, type Environment, type Setting} from './variables.ts'

const MAX_SHOWN = 50
/** Keys whose value is a scheme and a path. */
const PLACES: ReadonlySet<string> = new Set(['store', 'index', 'signing.key', 'redaction.key'])

export interface ConfigRequest {
  readonly cwd: string
  /** `--config`; else `HIPAA_CI_CONFIG`; else found upwards from `cwd`. */
  readonly path?: string | undefined
  readonly env: Environment
  /** Flags by the key they set: `{store: flags.store}`. Undefined ones are left out. */
  readonly overrides?: Readonly<Record<string, string | number | boolean | undefined>>
  /** `optional`: with no file and no name the system is `UNNAMED_SYSTEM`, under which nothing may be recorded. Default `required`. */
  readonly system?: 'required' | 'optional'
}

/** @throws AppError `config.invalid`, `config.missing`, `usage.empty` */
export async function loadConfig({cwd, path, env, overrides = {}, system = 'required'}: ConfigRequest): Promise<Config> {
  const file = await findConfigFile(cwd, path, env)
  const source = file === undefined ? undefined : readSource(file, cwd)
  const root = file === undefined ? cwd : dirname(file.path)

  const {settings, unknown} = readVariables(env, namedSecrets(source))
  const outside = [...settings, ...flagSettings(overrides)].map((setting) => ({...setting, value: placed(setting.path.join('.'), setting.value, cwd)}))
  const nameless = source === undefined && !outside.some(({path: [key]}) => key === 'system')
  if (nameless && system === 'required') throw nobody(cwd)

  // The schema takes no such name from a person: one that it takes stands in while it is checked.
  const checked = checkConfig(source, nameless ? [...outside, {path: ['system'], value: '-', where: ''}] : outside)
  const faults = [...('faults' in checked ? checked.faults : []), ...unknown.map(({name, message}) => ({where: name, key: '', message}))]
  if ('faults' in checked || faults.length > 0) throw invalid(faults)
  const {store, index, signing, redaction} = checked.config
  return {
    ...checked.config,
    ...(nameless ? {system: UNNAMED_SYSTEM} : {}),
    store: placed('store', store, root),
    ...(index === undefined ? {} : {index: placed('index', index, root)}),
    signing: signing.key === undefined ? signing : {...signing, key: placed('signing.key', signing.key, root)},
    redaction: redaction.key === undefined ? redaction : {...redaction, key: placed('redaction.key', redaction.key, root)},
    root,
    ...(file === undefined ? {} : {file: file.path}),
  }
}

/** @throws AppError `config.missing` where no system is named: a record would belong to nobody */
export function requireSystem(config: Config): void {
  if (config.system === UNNAMED_SYSTEM) throw nobody(config.root)
}

function readSource({path, bytes}: FoundFile, cwd: string): Source {
  const near = relative(cwd, path)
  const name = near.startsWith('..') ? path : near
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

/** `folder:x` and `file:x` with the path made absolute; anything else as it is. */
function placed<T>(key: string, value: T, folder: string): T | string {
  const [, scheme, path] = typeof value === 'string' && PLACES.has(key) ? (/^(folder|file):(.+)$/s.exec(value) ?? []) : []
  return scheme === undefined || path === undefined ? value : `${scheme}:${resolve(folder, path)}`
}

function nobody(folder: string): AppError {
  return new AppError('config.missing', `no ${CONFIG_FILE} in ${folder} or above it, and HIPAA_CI_SYSTEM is not set`)
}

function invalid(faults: readonly ConfigFault[]): AppError {
  const lines = faults.slice(0, MAX_SHOWN).map(({where, key, message}) => `${where}: ${key === '' ? '' : `${key}: `}${message}`)
  if (faults.length > MAX_SHOWN) lines.push(`and ${faults.length - MAX_SHOWN} more`)
  const message = lines.length === 1 ? lines.join('') : `${faults.length} faults in the configuration\n  ${lines.join('\n  ')}`
  return new AppError('config.invalid', message, {cause: {faults}})
}
