/**
 * SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json) as findings of kind `code`. Pure.
 *
 * Only the rule's own short description becomes a title: a result's message
 * and its snippets may quote what was found.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {clip, clipPath, fingerprint, toCode, type Finding} from '../evidence/finding.ts'

export interface SarifReading {
  readonly findings: readonly Finding[]
  /** Names of the tools, as their runs give them. */
  readonly tools: readonly {readonly name: string; readonly version?: string}[]
  /** False where a run says itself that it did not succeed: its findings are then not all there are. */
  readonly complete: boolean
}

const Rule = z.looseObject({
  id: z.string(),
  shortDescription: z.looseObject({text: z.string().optional()}).optional(),
  defaultConfiguration: z.looseObject({level: z.string().optional()}).optional(),
})
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
  ruleIndex: z.int().min(0).optional(),
  level: z.string().optional(),
  kind: z.string().optional(),
  locations: z.array(Location).default([]),
  partialFingerprints: z.record(z.string(), z.string()).optional(),
  suppressions: z.array(z.unknown()).optional(),
})
const Run = z.looseObject({
  tool: z.looseObject({
    driver: z.looseObject({name: z.string(), version: z.string().optional(), semanticVersion: z.string().optional(), rules: z.array(Rule).default([])}),
  }),
  results: z.array(Result).default([]),
  invocations: z.array(z.looseObject({executionSuccessful: z.boolean()})).default([]),
})
type Run = z.infer<typeof Run>
const Sarif = z.looseObject({version: z.literal('2.1.0'), runs: z.array(Run).min(1)})

const LEVELS: ReadonlyMap<string, Finding['severity']> = new Map([
  ['error', 'error'],
  ['warning', 'warning'],
  ['note', 'info'],
  ['none', 'info'],
])

/**
 * @param json the parsed document
 * @throws AppError `usage.input`
 */
export function findingsFromSarif(json: unknown): SarifReading {
  const parsed = Sarif.safeParse(json)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(document)'}: ${issue.message}`)
    throw new AppError('usage.input', `this is not SARIF 2.1.0: ${faults.slice(0, 5).join('; ')}`)
  }
  const {runs} = parsed.data
  return {
    findings: runs.flatMap(findingsOf),
    tools: runs.map(({tool: {driver}}) => ({name: driver.name, ...versionOf(driver)})),
    complete: runs.every(({invocations}) => invocations.every(({executionSuccessful}) => executionSuccessful)),
  }
}

/** A result that the source itself suppressed still counts: a comment is no waiver. */
function findingsOf(run: Run): Finding[] {
  const seen = new Map<string, number>()
  const source = toCode(run.tool.driver.name.toLowerCase())
  return run.results.filter(isFault).map((result) => {
    const rule = run.tool.driver.rules.find(({id}, index) => (result.ruleId === undefined ? index === result.ruleIndex : id === result.ruleId))
    const id = result.ruleId ?? rule?.id ?? 'unnamed'
    const place = result.locations[0]?.physicalLocation
    const path = (place?.artifactLocation?.uri ?? '').replace(/^file:\/+/, '')
    const text = Object.entries(result.partialFingerprints ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .toSorted((a, b) => (a < b ? -1 : 1))
    const key = JSON.stringify([id, path, text])
    const occurrence = seen.get(key) ?? 0
    seen.set(key, occurrence + 1)
    const line = place?.region?.startLine
    const title = clip(rule?.shortDescription?.text, 200)
    return {
      kind: 'code',
      id: toCode(id),
      fingerprint: fingerprint('sarif', source, id, path, ...text, String(occurrence)),
      severity: levelOf(result.level ?? rule?.defaultConfiguration?.level),
      severity_source: source,
      ...(path !== '' && {location: {path: clipPath(path), ...(line !== undefined && {line})}}),
      ...(title !== undefined && {title}),
    }
  })
}

/** `pass`, `notApplicable`, `informational`: the tool says that nothing is wrong. */
function isFault({kind}: z.infer<typeof Result>): boolean {
  return kind === undefined || kind === 'fail' || kind === 'open' || kind === 'review'
}

/** `warning` is the specification's default; a level that it does not know counts as an error. */
function levelOf(level = 'warning'): Finding['severity'] {
  return LEVELS.get(level) ?? 'error'
}

function versionOf({version, semanticVersion}: Run['tool']['driver']): {version?: string} {
  const text = semanticVersion ?? version
  return text === undefined ? {} : {version: text}
}
