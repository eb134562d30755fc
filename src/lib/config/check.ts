/**
 * Plain values + settings from outside -> a configuration, or every fault at once. Pure.
 */
import type {z} from 'zod'
import type {ConfigDocument, Path} from './document.ts'
import {knownKeys} from './keys.ts'
import {insteadOfLater, isLaterKey} from './later.ts'
import {isMapping, valueAt} from './mapping.ts'
import {nearestName} from './nearest-name.ts'
import {Config} from './schema.ts'
import {faultSentence, show} from './sentences.ts'
import type {Setting} from './variables.ts'

export interface ConfigFault {
  /** `hipaa-ci.yaml:12:5`, `HIPAA_CI_STORE` or `--store`. */
  readonly where: string
  /** `gate.secrets`; empty for the file as a whole. */
  readonly key: string
  readonly message: string
}

export interface Source {
  /** As a person would write it, for messages. */
  readonly name: string
  readonly document: ConfigDocument
}

export type Checked = {readonly config: z.infer<typeof Config>} | {readonly faults: readonly ConfigFault[]}

/** @param settings later ones win over earlier ones, and all of them over the file */
export function checkConfig(source: Source | undefined, settings: readonly Setting[]): Checked {
  const raw = source === undefined ? {version: 1} : structuredClone(source.document.value ?? {})
  for (const setting of settings) put(raw, setting.path, setting.value)
  const parsed = Config.safeParse(raw, {error: faultSentence})
  if (parsed.success) return {config: parsed.data}

  const place = (path: Path, part: 'keyAt' | 'valueAt'): string => {
    const setting = settings.findLast((candidate) => candidate.path.join('.') === path.join('.'))
    if (setting !== undefined) return setting.where
    if (source === undefined) return 'the configuration'
    const {line, column} = source.document[part](path)
    return `${source.name}:${line}:${column}`
  }
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, raw, place))
  return {faults: faults.toSorted((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))}
}

function faultsOf(issue: z.core.$ZodIssue, raw: unknown, place: (path: Path, part: 'keyAt' | 'valueAt') => string): ConfigFault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({where: place([...path, name], 'keyAt'), key: keyText([...path, name]), message: unknownKey(path, name)}))
  if (issue.code === 'invalid_key')
    return [{where: place(path, 'keyAt'), key: keyText(path), message: `the name ${issue.issues[0]?.message ?? 'is not allowed'}`}]
  const value = valueAt(raw, path)
  const instead = insteadOfLater(path, value)
  const message = instead === undefined ? issue.message : `${show(path, value)} is not supported by this version; use ${instead}`
  return [{where: place(path, 'valueAt'), key: keyText(path), message: value === undefined ? 'is missing' : message}]
}

function unknownKey(path: Path, name: string): string {
  if (isLaterKey([...path, name])) return 'is not supported by this version; take it out'
  const near = nearestName(name, knownKeys(path))
  return near === undefined ? `unknown key; known here: ${knownKeys(path).join(', ')}` : `unknown key; did you mean ${near}?`
}

/** Where something that is no mapping stands in the way it is left there, and is a fault. */
function put(target: unknown, path: Path, value: unknown): void {
  const [step, ...rest] = path
  if (step === undefined || !isMapping(target)) return
  if (rest.length === 0) target[step] = value
  else {
    target[step] ??= {}
    put(target[step], rest, value)
  }
}

/** `environments.local.requires.signature.keys[0].spki` */
function keyText(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('')
}

/** By line and column within the file; what is outside it comes last. */
function order({where}: ConfigFault): string {
  const [, line, column] = /:(\d+):(\d+)$/.exec(where) ?? []
  return line === undefined || column === undefined ? `~${where}` : `${line.padStart(9, '0')}${column.padStart(9, '0')}`
}
