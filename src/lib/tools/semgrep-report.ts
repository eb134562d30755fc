/**
 * Semgrep's JSON (semgrep-interfaces, semgrep_output_v1.atd) as matches and an account of what was not scanned. Pure.
 *
 * Neither its `lines` nor its interpolated message is read: both hold source text.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Unscanned} from '../evidence/details.ts'

/** Other people's code and version control: left out by declaration, on the command line, where it shows. */
export const EXCLUDED: readonly string[] = ['.git', '.hg', '.svn', 'node_modules', '.venv', 'site-packages', '.hipaa-ci']

/** One match: where it is, in bytes of the file. */
export interface SemgrepMatch {
  readonly rule: string
  /** Relative to the folder scanned. */
  readonly path: string
  readonly line: number
  /** Byte offsets, end exclusive. */
  readonly start: number
  readonly end: number
  readonly severity: 'error' | 'warning' | 'info'
  /** `metadata.title` of the rule. */
  readonly title?: string
}

export interface SemgrepReport {
  readonly matches: readonly SemgrepMatch[]
  /** Files that were scanned, relative to the folder. */
  readonly scanned: readonly string[]
  readonly unscanned: readonly Unscanned[]
  /** As Semgrep wrote it. */
  readonly raw: Uint8Array
}

const Position = z.looseObject({line: z.int(), offset: z.int().min(0)})
const Report = z.looseObject({
  results: z.array(
    z.looseObject({
      check_id: z.string(),
      path: z.string(),
      start: Position,
      end: Position,
      extra: z.looseObject({severity: z.string(), metadata: z.looseObject({title: z.string().optional()}).optional()}),
    }),
  ),
  errors: z.array(z.looseObject({type: z.unknown(), path: z.string().optional(), rule_id: z.string().optional()})),
  paths: z.looseObject({scanned: z.array(z.string()), skipped: z.array(z.looseObject({path: z.string(), reason: z.string()}))}),
  skipped_rules: z.array(z.looseObject({rule_id: z.string()})).default([]),
})
type Report = z.infer<typeof Report>

/** The older names and the newer ones that rules may carry. An unknown one counts as an error. */
const SEVERITIES: Readonly<Record<string, SemgrepMatch['severity']>> = {
  ERROR: 'error',
  CRITICAL: 'error',
  HIGH: 'error',
  WARNING: 'warning',
  MEDIUM: 'warning',
  INFO: 'info',
  LOW: 'info',
}

/** Not skipped: no rule is about such a file. */
const NOT_MEANT: ReadonlySet<string> = new Set(['wrong_language', 'irrelevant_rule'])

/** @throws AppError `tool.output` */
export function readSemgrepReport(bytes: Uint8Array, source: string): SemgrepReport {
  const report = parseReport(bytes)
  const inside = relativeTo(source)
  return {
    matches: report.results.map(({check_id, path, start, end, extra}) => ({
      rule: check_id,
      path: inside(path),
      line: start.line,
      start: start.offset,
      end: end.offset,
      severity: SEVERITIES[extra.severity] ?? 'error',
      ...(extra.metadata?.title !== undefined && {title: extra.metadata.title}),
    })),
    scanned: report.paths.scanned.map(inside).toSorted(),
    unscanned: unscannedOf(report, inside),
    raw: bytes,
  }
}

function parseReport(bytes: Uint8Array): Report {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new AppError('tool.output', `semgrep's report of ${bytes.byteLength} bytes is not JSON`, {cause})
  }
  const parsed = Report.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(report)'}: ${issue.message}`)
  throw new AppError('tool.output', `semgrep's report is not what its schema says: ${faults.slice(0, 5).join('; ')}`)
}

function unscannedOf({errors, paths, skipped_rules: rules}: Report, inside: (path: string) => string): Unscanned[] {
  const all = [
    ...errors.map((error) => ({what: inside(error.path ?? error.rule_id ?? 'unnamed'), reason: reasonCode(errorType(error.type))})),
    ...paths.skipped.filter(isUnexpected).map(({path, reason}) => ({what: inside(path), reason: reasonCode(reason)})),
    ...rules.map(({rule_id: rule}) => ({what: rule, reason: 'semgrep.rule-skipped'})),
  ]
  const distinct = new Map(all.map((item) => [JSON.stringify(item), item]))
  return [...distinct.values()]
}

/** What we excluded ourselves is declared; everything else that was passed over is not. */
function isUnexpected({path, reason}: {path: string; reason: string}): boolean {
  if (NOT_MEANT.has(reason)) return false
  return reason !== 'cli_exclude_flags_match' || !path.split('/').some((part) => EXCLUDED.includes(part))
}

/** A variant is its name, or a list that begins with its name. */
function errorType(type: unknown): string {
  const name: unknown = Array.isArray(type) ? type[0] : type
  return typeof name === 'string' ? name : 'error'
}

/** `PartialParsing` -> `semgrep.partial-parsing`, `exceeded_size_limit` -> `semgrep.exceeded-size-limit`. */
function reasonCode(name: string): string {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').replaceAll(/[^A-Za-z0-9]+/g, '-')
  return `semgrep.${words.toLowerCase()}`
}

function relativeTo(source: string): (path: string) => string {
  const prefix = source.endsWith('/') ? source : `${source}/`
  return (path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path)
}
