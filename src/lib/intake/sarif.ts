/**
 * SARIF 2.1.0 into findings. Pure. Source: OASIS SARIF 2.1.0, 3.20 (invocation), 3.27 (result), 3.49 (rule).
 *
 * Rules: no snippet and no message is kept, only the rule's own heading. A
 * result that somebody suppressed still counts. A tool that says it failed, or
 * could not look at something, leaves the scan incomplete.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Unscanned} from '../evidence/details.ts'
import {clip, fingerprint, type Finding} from '../evidence/finding.ts'

const Level = z.enum(['none', 'note', 'warning', 'error'])
const Message = z.looseObject({text: z.string().optional()})
const Rule = z.looseObject({
  id: z.string(),
  shortDescription: Message.optional(),
  defaultConfiguration: z.looseObject({level: Level.optional()}).optional(),
})
const Component = z.looseObject({name: z.string().min(1), rules: z.array(Rule).optional()})
const Location = z.looseObject({
  physicalLocation: z
    .looseObject({
      artifactLocation: z.looseObject({uri: z.string().optional()}).optional(),
      region: z.looseObject({startLine: z.int().min(0).optional()}).optional(),
    })
    .optional(),
})
const Result = z.looseObject({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  rule: z.looseObject({id: z.string().optional(), index: z.int().optional(), toolComponent: z.looseObject({index: z.int().optional()}).optional()}).optional(),
  kind: z.enum(['notApplicable', 'pass', 'fail', 'review', 'open', 'informational']).optional(),
  level: Level.optional(),
  locations: z.array(Location).optional(),
  fingerprints: z.record(z.string(), z.string()).optional(),
  partialFingerprints: z.record(z.string(), z.string()).optional(),
})
type Result = z.infer<typeof Result>
const Notification = z.looseObject({
  level: Level.optional(),
  descriptor: z.looseObject({id: z.string().optional()}).optional(),
  locations: z.array(Location).optional(),
})
const Invocation = z.looseObject({executionSuccessful: z.boolean(), toolExecutionNotifications: z.array(Notification).optional()})
const Run = z.looseObject({
  tool: z.looseObject({driver: Component, extensions: z.array(Component).optional()}),
  /** Absent: the tool was stopped before it knew (3.14.23); that is no empty list. */
  results: z.array(Result),
  invocations: z.array(Invocation).optional(),
})
type Run = z.infer<typeof Run>
const Sarif = z.looseObject({version: z.literal('2.1.0'), runs: z.array(Run).min(1)})

const SEVERITY = {error: 'error', warning: 'warning', note: 'info', none: 'info'} as const
const MAX_UNSCANNED = 200

export interface SarifReport {
  readonly findings: readonly Finding[]
  readonly unscanned: readonly Unscanned[]
}

/** @throws AppError `usage.input` */
export function parseSarif(value: unknown): SarifReport {
  const parsed = Sarif.safeParse(value)
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`)
    throw new AppError('usage.input', `this is not a SARIF 2.1.0 report: ${faults.join('; ')}`)
  }
  const {runs} = parsed.data
  const unscanned = runs.flatMap(unscannedOf)
  if (unscanned.length > MAX_UNSCANNED)
    unscanned.splice(MAX_UNSCANNED - 1, Infinity, {what: `${unscanned.length - MAX_UNSCANNED + 1} more`, reason: 'not-listed'})
  return {findings: runs.flatMap(findingsOf), unscanned}
}

function findingsOf(run: Run): Finding[] {
  const tool = code(run.tool.driver.name).toLowerCase()
  const seen = new Map<string, number>()
  return run.results.flatMap((result): Finding[] => {
    if (result.kind === 'pass' || result.kind === 'notApplicable') return []
    const rule = ruleOf(result, run)
    const id = code(result.ruleId ?? result.rule?.id ?? rule?.id ?? 'unnamed')
    const location = locationOf(result.locations?.[0])
    const given = Object.entries({...result.partialFingerprints, ...result.fingerprints}).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const place = JSON.stringify([id, location?.path, given])
    // The same rule twice in one file is two findings, also where the tool does not tell them apart.
    const nth = seen.get(place) ?? 0
    seen.set(place, nth + 1)
    const title = clip(rule?.shortDescription?.text, 200)
    return [
      {
        kind: 'code',
        id,
        fingerprint: fingerprint('sarif', tool, place, String(nth)),
        severity: SEVERITY[result.level ?? rule?.defaultConfiguration?.level ?? 'warning'],
        severity_source: tool,
        ...(location !== undefined && {location}),
        ...(title !== undefined && {title}),
      },
    ]
  })
}

/** By index where there is one (3.52.5), else by id. */
function ruleOf({ruleId, ruleIndex, rule}: Result, {tool}: Run): z.infer<typeof Rule> | undefined {
  const extension = rule?.toolComponent?.index
  const rules = (extension === undefined ? tool.driver : tool.extensions?.[extension])?.rules ?? []
  const index = rule?.index ?? ruleIndex ?? -1
  return rules[index] ?? rules.find(({id}) => id === (ruleId ?? rule?.id))
}

function locationOf(location: z.infer<typeof Location> | undefined): Finding['location'] {
  const {artifactLocation, region} = location?.physicalLocation ?? {}
  const path = clip(artifactLocation?.uri?.replace(/^file:\/\//, ''), 512)
  if (path === undefined) return undefined
  return {path, ...(region?.startLine !== undefined && {line: region.startLine})}
}

function unscannedOf({tool, invocations = []}: Run): Unscanned[] {
  return invocations.flatMap(({executionSuccessful, toolExecutionNotifications = []}) => [
    ...(executionSuccessful ? [] : [{what: clip(tool.driver.name, 256) ?? 'tool', reason: 'execution-failed'}]),
    ...toolExecutionNotifications
      .filter(({level}) => level === 'error')
      .map(({descriptor, locations}) => ({
        what: clip(locationOf(locations?.[0])?.path ?? tool.driver.name, 256) ?? 'tool',
        reason: code(descriptor?.id ?? 'error-notification'),
      })),
  ])
}

/** As a code: what does not fit becomes a hyphen. */
function code(text: string): string {
  const clean = text
    .replaceAll(/[^A-Za-z0-9._/:@#+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
  return clean === '' ? 'unnamed' : clean
}
