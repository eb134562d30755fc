/**
 * Scans an image, archive or folder, and its source where that is given, and
 * judges what was found by the gate's limits.
 *
 * 0 only where everything was looked at and is within the limits; a limit that
 * is exceeded is 1, whatever else could not be looked at; a gap alone is 3.
 */
import type {ExitCode} from '../../errors.ts'
import {SCAN_KINDS, type GateReason, type ScanKind, type Unscanned} from '../../evidence/details.ts'
import {distinctFindings, type Finding} from '../../evidence/finding.ts'
import type {Counts} from '../../evidence/primitives.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {advisoryGaps} from '../../policy/advisories.ts'
import {decideGate, type GateDecision, type GateRule, type ScanOutcome} from '../../policy/gate.ts'
import type {GatePredicateInput} from '../../predicates/gate.ts'
import type {VulnsInput} from '../../predicates/vulns.ts'
import type {Context} from '../../ports/context.ts'
import type {AdvisoryDatabase} from '../../ports/scanners.ts'
import {withParts, type OpenParts} from './open-parts.ts'
import {describedBefore, givenSbom} from './given-sbom.ts'
import {recordScan} from './record-scan.ts'
import {openSource, scanCode, type CodeScan} from './scan-code.ts'
import {extentOf, type Extent} from './scan-extent.ts'
import {scanFixes} from './scan-fixes.ts'
import {scanPart, type PartScan} from './scan-part.ts'
import type {Gap, ScanProblem} from './scan-problem.ts'
import {updateAdvisories} from './update-advisories.ts'

export interface ScanRequest {
  readonly target: string
  /** Folder of source code for the code scan. */
  readonly source?: string
  /** SPDX file to compare with, instead of a run of Syft; for a single platform. */
  readonly sbom?: string
  /** SPDX documents by platform digest that the caller has just made: Syft does not run again for those. */
  readonly documents?: ReadonlyMap<string, Uint8Array>
  /** The repository that a layout or archive stands for. */
  readonly repository?: string
  readonly updateDatabase?: boolean
  /** What is to be typed again where the scan lacks something; default `scan`. */
  readonly command?: 'pipeline'
  /** Milliseconds for one run of one tool. */
  readonly timeout?: number
}

export interface KindResult {
  readonly kind: ScanKind
  readonly counts: Counts
  /** `nothing`: that no finding was counted says nothing. */
  readonly looked: Extent
  readonly unscanned: readonly Unscanned[]
  /** Id of the scan record; undefined where nothing was recorded. */
  readonly record: string | undefined
}

export interface PlatformResult {
  readonly platform: string
  readonly digest?: string
  readonly os?: PartScan['os']
  /** Packages of the SBOM. */
  readonly packages?: number
  /** Packages for which there are no advisories to look up. */
  readonly uncovered: PartScan['uncovered']
}

export interface ScanResult {
  readonly exitCode: ExitCode
  readonly target: string
  readonly repository?: string
  readonly digest?: string
  readonly decision: GateDecision['decision']
  /** SHA-256 of the canonical limits. */
  readonly policy: string
  /** In force; a severity that is not named here has no limit. */
  readonly limits: readonly GateRule[]
  readonly reasons: readonly GateReason[]
  /** What to type or do about `reasons`. */
  readonly fixes: readonly string[]
  readonly stopping: readonly Finding[]
  readonly findings: readonly Finding[]
  readonly scans: readonly KindResult[]
  readonly platforms: readonly PlatformResult[]
  readonly leftOut: readonly string[]
  /** Files that a code rule looked at; undefined without `source`. */
  readonly sourceFiles?: number
  readonly database?: NonNullable<AdvisoryDatabase['vulnerabilities']>
  readonly tools: readonly ToolRecord[]
  readonly problems: readonly ScanProblem[]
  readonly warnings: readonly string[]
  readonly recorded: boolean
  /** Id of the gate's record. */
  readonly record: string | undefined
}

/** The result, and what attestations of it need. */
export interface ScannedTarget {
  readonly result: ScanResult
  /** By platform digest; a platform whose advisories were not looked up is not in it. */
  readonly vulns: ReadonlyMap<string, VulnsInput>
  readonly gate: GatePredicateInput
  /** Syft's documents by platform digest, where it ran. */
  readonly sboms: ReadonlyMap<string, Uint8Array>
}

/** @throws AppError `usage.*`, `image.*`, `registry.*`, `platform.missing`, `record.*`, `store.*`; `tool.*` only of `updateDatabase` */
export async function scanTarget(request: ScanRequest, context: Context): Promise<ScannedTarget> {
  const source = request.source === undefined ? undefined : await openSource(request.source, context)
  if (request.updateDatabase === true) await updateAdvisories(request.timeout, context)
  const startedAt = context.now().toISOString()
  return withParts(request, context, async (open) => {
    const database = await context.advisories()
    const sbom = request.sbom === undefined ? undefined : await givenSbom(request.sbom, open, context)
    const parts: PartScan[] = []
    for (const part of open.parts) {
      context.progress.step(`Scanning ${open.target.text}${part.digest === undefined ? '' : ` ${part.platform}`}`)
      // oxlint-disable-next-line no-await-in-loop -- a large image lies on the disk once
      parts.push(await scanPart(part, {name: open.name, database, timeout: request.timeout, sbom: sbom ?? describedBefore(part, request.documents)}, context))
    }
    const code = source === undefined ? undefined : await scanCode(source, request.timeout, context)
    return conclude({request, open, database, parts, code, startedAt}, context)
  })
}

interface Facts {
  readonly request: ScanRequest
  readonly open: OpenParts
  readonly database: AdvisoryDatabase
  readonly parts: readonly PartScan[]
  readonly code: CodeScan | undefined
  readonly startedAt: string
}

async function conclude(facts: Facts, context: Context): Promise<ScannedTarget> {
  const {request, open, database, parts, code, startedAt} = facts
  const finishedAt = context.now()
  const outcomes = outcomesOf(facts, context, finishedAt)
  const decision = decideGate(context.config.gate, outcomes)
  const tools = withDatabase(distinctTools([...parts.flatMap((part) => part.tools), ...(code?.tools ?? [])]), database)
  const written = await recordScan({open, parts, code, outcomes, decision, tools}, context)
  const result: ScanResult = {
    exitCode: decision.exitCode,
    target: request.target,
    ...(open.repository !== undefined && {repository: open.repository}),
    ...(open.digest !== undefined && {digest: open.digest}),
    decision: decision.decision,
    policy: decision.policy,
    limits: decision.limits,
    reasons: decision.reasons,
    fixes: scanFixes(decision.fixes, [...parts.flatMap(({problems}) => problems), ...(code?.problems ?? [])], request),
    stopping: decision.stopping,
    findings: outcomes.flatMap(({findings}) => findings),
    scans: outcomes.map((outcome, index) => ({
      kind: outcome.kind,
      counts: decision.counts[outcome.kind] ?? {},
      looked: extentOf(outcome, {parts, code, database, leftOut: open.leftOut}),
      unscanned: outcome.unscanned,
      record: written.scans[index]?.id,
    })),
    platforms: parts.map(platformResult),
    leftOut: open.leftOut,
    ...(code !== undefined && {sourceFiles: code.files}),
    ...(database.vulnerabilities !== undefined && {database: database.vulnerabilities}),
    tools,
    problems: [...parts.flatMap(({problems}) => problems), ...(code?.problems ?? [])],
    warnings: [...new Set([...parts.flatMap(({warnings}) => warnings), ...(written.warning === undefined ? [] : [written.warning])])],
    recorded: written.gate !== undefined,
    record: written.gate?.id,
  }
  const decidedAt = finishedAt.toISOString()
  return {
    result,
    vulns: vulnsOf(facts, tools, {startedAt, finishedAt: decidedAt}),
    gate: {
      decision: decision.decision,
      policy: decision.policy,
      decidedAt,
      reasons: decision.reasons,
      tools,
      ...(written.gate !== undefined && {record: written.gate}),
    },
    sboms: new Map(parts.flatMap(({part, described}) => (part.digest === undefined || described === undefined ? [] : [[part.digest, described.bytes]]))),
  }
}

/** One outcome per kind; the code scan's only where it was asked for. */
function outcomesOf({database, parts, code}: Facts, {config}: Context, now: Date): ScanOutcome[] {
  const limits = {
    maxAge: config.gate.vulnerabilities['database-max-age'],
    now,
    types: new Set(parts.flatMap(({types}) => [...types])),
    systems: parts.flatMap(({os}) => os ?? []),
  }
  const known: Gap[] = advisoryGaps(database, limits).map((gap) => ({...gap, kind: 'vulnerability'}))
  const gaps = [...known, ...parts.flatMap((part) => part.gaps), ...(code?.gaps ?? [])]
  const findings = [...parts.flatMap((part) => distinctFindings(part.findings)), ...(code?.findings ?? [])]
  return SCAN_KINDS.filter((kind) => kind !== 'code' || code !== undefined).map((kind) => ({
    kind,
    findings: findings.filter((finding) => finding.kind === kind),
    unscanned: distinctGaps(gaps.filter((gap) => gap.kind === kind)),
  }))
}

/** Two platforms, or two looks, often lack the same. */
function distinctGaps(gaps: readonly Gap[]): Unscanned[] {
  return [...new Map(gaps.map(({what, reason}) => [`${reason} ${what}`, {what: what.slice(0, 256) || 'unnamed', reason}])).values()]
}

function platformResult({part: {platform, digest}, os, packages, uncovered}: PartScan): PlatformResult {
  return {platform, ...(digest !== undefined && {digest}), ...(os !== undefined && {os}), ...(packages !== undefined && {packages}), uncovered}
}

function distinctTools(tools: readonly ToolRecord[]): ToolRecord[] {
  return [...new Map(tools.map((tool) => [`${tool.name} ${tool.sha256}`, tool])).values()]
}

function withDatabase(tools: readonly ToolRecord[], {vulnerabilities}: AdvisoryDatabase): ToolRecord[] {
  if (vulnerabilities === undefined) return [...tools]
  return tools.map((tool) => (tool.name === 'trivy' ? {...tool, database: {updated_at: vulnerabilities.updatedAt, sha256: vulnerabilities.sha256}} : tool))
}

/** @throws AppError `usage.flag`, `usage.input` */
function vulnsOf({parts}: Facts, tools: readonly ToolRecord[], times: Pick<VulnsInput, 'startedAt' | 'finishedAt'>): ReadonlyMap<string, VulnsInput> {
  const tool = tools.find(({name, database}) => name === 'trivy' && database !== undefined)
  if (tool === undefined) return new Map()
  return new Map(
    parts.flatMap(({part, findings, lookedUp}) => {
      if (part.digest === undefined || !lookedUp) return []
      const own = distinctFindings(findings).filter(({kind}) => kind === 'vulnerability')
      return [
        [
          part.digest,
          {tool, ...times, findings: own.map(({id, severity, package: found}) => ({id, severity, ...(found?.purl !== undefined && {purl: found.purl})}))},
        ],
      ]
    }),
  )
}
