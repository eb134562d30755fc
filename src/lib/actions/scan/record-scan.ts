/**
 * Writes what a scan found and what the gate made of it: one scan record per
 * kind with its findings as a blob, then the gate's record, which names them.
 *
 * No record, no verdict: a pass that cannot be written is an error. A failure
 * stays a failure, and says that it is not recorded.
 */
import {AppError} from '../../errors.ts'
import type {Unscanned} from '../../evidence/details.ts'
import {encodeFindings, FINDINGS_BLOB, FINDINGS_MEDIA_TYPE} from '../../evidence/finding.ts'
import type {Outcome, ToolRecord} from '../../evidence/schema.ts'
import type {GateDecision, ScanOutcome} from '../../policy/gate.ts'
import type {Context} from '../../ports/context.ts'
import {POLICY_TYPE} from '../../evidence/policy-type.ts'
import type {BlobInput, RecordInput} from '../../ports/evidence-store.ts'
import {NO_PLATFORM, type OpenParts} from './open-parts.ts'
import type {CodeScan} from './scan-code.ts'
import type {PartScan} from './scan-part.ts'

export interface ScanFacts {
  readonly open: OpenParts
  readonly parts: readonly PartScan[]
  readonly code?: Pick<CodeScan, 'reports'> | undefined
  readonly outcomes: readonly ScanOutcome[]
  readonly decision: GateDecision
  readonly tools: readonly ToolRecord[]
}

export interface WrittenScan {
  /** In the order of `outcomes`. */
  readonly scans: readonly {readonly id: string}[]
  readonly gate?: {readonly id: string; readonly sha256: string}
  /** Why nothing was recorded. */
  readonly warning?: string
}

/** @throws AppError of the recorder, unless the gate has failed anyway */
export async function recordScan(facts: ScanFacts, context: Context): Promise<WrittenScan> {
  const recorder = await context.recorder()
  if (!recorder.enabled) return {scans: [], warning: 'not recorded'}
  try {
    const scans = await recorder.writeAll(facts.outcomes.map((outcome) => scanRecord(outcome, facts)))
    const {id, sha256} = await recorder.write(
      gateRecord(
        facts,
        scans.map((scan) => scan.id),
      ),
    )
    return {scans, gate: {id, sha256}}
  } catch (error) {
    if (!(error instanceof AppError) || facts.decision.decision !== 'fail') throw error
    return {scans: [], warning: `not recorded: ${error.message}`}
  }
}

function scanRecord(outcome: ScanOutcome, {open, parts, code, decision, tools}: ScanFacts): RecordInput<'scan'> {
  const {kind, findings, unscanned} = outcome
  return {
    stream: 'scan',
    ...(open.subject !== undefined && {subject: open.subject}),
    outcome: outcomeOf(outcome, decision),
    tools: tools
      .filter(({name}) => usedFor(kind).includes(name))
      .map((tool) => (kind === 'vulnerability' ? tool : {name: tool.name, version: tool.version, sha256: tool.sha256})),
    detail: {
      kind,
      mode: kind === 'code' || open.target.kind === 'folder' ? 'source' : 'image',
      counts: decision.counts[kind] ?? {},
      platforms:
        kind === 'code' ? [] : parts.flatMap(({part: {platform, digest}}) => (digest === undefined || platform === NO_PLATFORM ? [] : [{platform, digest}])),
      unscanned: capped(unscanned),
    },
    blobs: [{name: FINDINGS_BLOB, mediaType: FINDINGS_MEDIA_TYPE, bytes: encodeFindings(findings)}, ...rawReports(kind, parts, code)],
  }
}

/** What the tool itself wrote: another tool can read it again. One report of Trivy is about three kinds, and stored once. */
function rawReports(kind: ScanOutcome['kind'], parts: readonly PartScan[], code: ScanFacts['code']): BlobInput[] {
  const [tool, reports] = kind === 'code' ? (['semgrep', code?.reports ?? []] as const) : (['trivy', parts.flatMap((part) => part.reports)] as const)
  return reports.map((bytes, index) => ({name: `${tool}${reports.length === 1 ? '' : `-${index + 1}`}.json`, mediaType: 'application/json', bytes}))
}

function gateRecord({open, decision, tools}: ScanFacts, scans: readonly string[]): RecordInput<'gate'> {
  return {
    stream: 'gate',
    ...(open.subject !== undefined && {subject: open.subject}),
    outcome: decision.decision === 'could-not-check' ? 'error' : decision.decision,
    tools,
    detail: {policy: decision.policy, counts: decision.counts, decision: decision.decision, reasons: [...decision.reasons], waivers: [], scans: [...scans]},
    blobs: [{name: 'policy.json', mediaType: POLICY_TYPE, bytes: Buffer.from(decision.policyText), exact: true}],
  }
}

/** A gap is worse than a finding within the limits, and a limit exceeded worse than a gap. */
function outcomeOf({kind, findings, unscanned}: ScanOutcome, {reasons}: GateDecision): Outcome {
  if (reasons.some((reason) => reason.code === 'gate.failed' && reason.kind === kind)) return 'fail'
  if (unscanned.length > 0) return 'error'
  return findings.length > 0 ? 'warn' : 'pass'
}

/** Syft takes part in the vulnerability scan: it says what must have been seen. */
function usedFor(kind: ScanOutcome['kind']): readonly string[] {
  if (kind === 'code') return ['semgrep']
  return kind === 'vulnerability' ? ['trivy', 'syft'] : ['trivy']
}

const LISTED = 200

/** A record stays small; that there was more is said. */
function capped(unscanned: readonly Unscanned[]): Unscanned[] {
  if (unscanned.length <= LISTED) return [...unscanned]
  const shown = unscanned.slice(0, LISTED - 1)
  return [...shown, {what: `${unscanned.length - shown.length} more`, reason: 'scan.incomplete'}]
}
