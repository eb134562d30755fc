/**
 * Plain values + settings from outside -> a configuration, or every fault at once. Pure.
 */
import type {z} from 'zod'
import type {ConfigDocument, Path} from './document.ts'
import {knownKeys} from './keys.ts'
import {insteadOfLater, isLaterKey} from './later.ts'
import {isMapping, valueAt} from './mapping.ts'
import {nearestName} from './nearest-name.ts'
import {undecidedPairs} from '../policy/pattern-order.ts'
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

export interface CheckedConfig {
  readonly config: z.infer<typeof Config>
  /** Where what stands at `path` came from: a line, a variable or a flag. */
  readonly where: (path: Path) => string
}

export type Checked = CheckedConfig | {readonly faults: readonly ConfigFault[]}

type Place = (path: Path, part: 'keyAt' | 'valueAt') => string

/** The values of the file with those from outside laid over it. @param settings later ones win over earlier ones, and all of them over the file */
export function rawConfig(source: Source | undefined, settings: readonly Setting[]): unknown {
  const raw = source === undefined ? {version: 1} : structuredClone(source.document.value ?? {})
  for (const setting of settings) put(raw, setting.path, setting.value)
  return raw
}

/** @param raw of `rawConfig`, with what a floor adds */
export function checkConfig(source: Source | undefined, settings: readonly Setting[], raw: unknown = rawConfig(source, settings)): Checked {
  const parsed = Config.safeParse(raw, {error: faultSentence})
  const place: Place = (path, part) => {
    const setting = settings.findLast((candidate) => candidate.path.join('.') === path.join('.'))
    if (setting !== undefined) return setting.where
    if (source === undefined) return 'the configuration'
    const {line, column} = source.document[part](path)
    return `${source.name}:${line}:${column}`
  }
  if (!parsed.success) return {faults: schemaFaults(parsed.error, raw, place, Config)}
  const undecided = undecidedFaults(parsed.data.images, place)
  return undecided.length > 0 ? {faults: undecided} : {config: parsed.data, where: (path) => place(path, 'valueAt')}
}

/** Of `images`: two patterns that can match one image, and neither of which decides. */
export function undecidedFaults(images: Config['images'], place: Place): ConfigFault[] {
  const patterns = images.map(({match}) => match)
  return undecidedPairs(patterns).map(([first, second]) => {
    const path = ['images', second, 'match']
    const message = `${show(path, patterns[second])} and ${show(path, patterns[first])} can match one image, and neither is more specific; write one of them out further`
    return {where: place(path, 'valueAt'), key: keyText(path), message}
  })
}

/** Every fault that a schema found, in the order of the lines. */
export function schemaFaults({issues}: z.ZodError, raw: unknown, place: Place, schema: z.core.$ZodType): ConfigFault[] {
  const faults = issues.flatMap((issue) => faultsOf(issue, raw, place, schema))
  return faults.toSorted((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
}

const MAX_SHOWN = 50

/** One sentence for one fault, a list for several. @param what has the faults */
export function faultLines(faults: readonly ConfigFault[], what = 'the configuration'): string {
  const lines = faults.slice(0, MAX_SHOWN).map(({where, key, message}) => `${where}: ${key === '' ? '' : `${key}: `}${message}`)
  if (faults.length > MAX_SHOWN) lines.push(`and ${faults.length - MAX_SHOWN} more`)
  return lines.length === 1 ? lines.join('') : `${faults.length} faults in ${what}\n  ${lines.join('\n  ')}`
}

function faultsOf(issue: z.core.$ZodIssue, raw: unknown, place: Place, schema: z.core.$ZodType): ConfigFault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({where: place([...path, name], 'keyAt'), key: keyText([...path, name]), message: unknownKey(path, name, schema)}))
  if (issue.code === 'invalid_key')
    return [{where: place(path, 'keyAt'), key: keyText(path), message: `the name ${issue.issues[0]?.message ?? 'is not allowed'}`}]
  const value = valueAt(raw, path)
  const instead = insteadOfLater(path, value)
  const message = instead === undefined ? issue.message : `${show(path, value)} is not supported by this version; use ${instead}`
  return [{where: place(path, 'valueAt'), key: keyText(path), message: value === undefined ? 'is missing' : message}]
}

function unknownKey(path: Path, name: string, schema: z.core.$ZodType): string {
  if (isLaterKey([...path, name])) return 'is not supported by this version; take it out'
  const near = nearestName(name, knownKeys(path, schema))
  return near === undefined ? `unknown key; known here: ${knownKeys(path, schema).join(', ')}` : `unknown key; did you mean ${near}?`
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
export function keyText(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('')
}

/** By line and column within the file; what is outside it comes last. */
function order({where}: ConfigFault): string {
  const [, line, column] = /:(\d+):(\d+)$/.exec(where) ?? []
  return line === undefined || column === undefined ? `~${where}` : `${line.padStart(9, '0')}${column.padStart(9, '0')}`
}
