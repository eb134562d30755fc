/**
 * The gate: findings and gaps against limits. Pure.
 *
 * `fail` = a limit is exceeded, whatever else could not be looked at;
 * `could-not-check` = no limit is exceeded, but not everything was looked at;
 * `pass` = everything was looked at, and all is within the limits.
 *
 * A source that was scanned is always judged: where `gate.code` is not named,
 * no error is allowed in it. Naming it demands the scan besides.
 */
import canonicalize from 'canonicalize'
import type {GateLimits} from '../config/schema.ts'
import {AppError, EXIT, REASONS, worstExit, type ExitCode, type ReasonCode} from '../errors.ts'
import type {GateReason, ScanKind, Unscanned} from '../evidence/details.ts'
import {bySeverity, countFindings, distinctFindings, type Finding} from '../evidence/finding.ts'
import type {Counts, Severity} from '../evidence/primitives.ts'
import {sha256Hex} from '../evidence/record.ts'

/** What one kind of scan found, and what it did not look at. A scan that crashed has its tool in `unscanned`. */
export interface ScanOutcome {
  readonly kind: ScanKind
  readonly findings: readonly Finding[]
  /** A reason that is in the table of errors keeps its code; any other is `scan.incomplete`. */
  readonly unscanned: readonly Unscanned[]
}

export interface GateDecision {
  readonly decision: 'pass' | 'fail' | 'could-not-check'
  /** SHA-256 of the canonical limits that were in force (RFC 8785). */
  readonly policy: string
  /** What this is the digest of. */
  readonly policyText: string
  /** The limits that were in force; a severity that is not named here has none. */
  readonly limits: readonly GateRule[]
  readonly counts: Partial<Record<ScanKind, Counts>>
  readonly reasons: readonly GateReason[]
  /** The findings that exceed a limit, worst first. */
  readonly stopping: readonly Finding[]
  readonly exitCode: ExitCode
  /** What to type or do, for every reason. */
  readonly fixes: readonly string[]
}

export interface GateRule {
  readonly kind: ScanKind
  /** Undefined: whatever the severity. */
  readonly severity?: Severity
  readonly limit: number
  /** Only findings that have a fix count. */
  readonly onlyFixed?: true
}

/** @param configured `gate` of the configuration */
export function decideGate(configured: GateLimits, scans: readonly ScanOutcome[]): GateDecision {
  const limits = inForce(configured, scans)
  const rules = rulesOf(limits)
  const exceeded = rules.map((rule) => ({...rule, findings: counted(rule, scans)})).filter(({findings, limit}) => findings.length > limit)
  const gaps = [...notRun(rules, scans), ...scans.flatMap(gapsOf)]
  const over = exceeded.map(({kind, severity, limit, findings}) => ({
    code: 'gate.failed' as const,
    kind,
    ...(severity !== undefined && {severity}),
    count: findings.length,
    limit,
  }))
  const codes = [...over, ...gaps].map(({code}) => code)
  return {
    decision: over.length > 0 ? 'fail' : gaps.length > 0 ? 'could-not-check' : 'pass',
    policy: gatePolicy(limits),
    policyText: canonical(limits),
    limits: rules,
    counts: Object.fromEntries(scans.map(({kind, findings}) => [kind, countFindings(findings)])),
    reasons: [...over, ...gaps],
    stopping: exceeded.flatMap(({findings}) => findings).toSorted(bySeverity),
    exitCode: worstExit(codes.map(exitOf)),
    fixes: [...new Set(codes.map((code) => REASONS[code].fix))],
  }
}

/** Who has the source scanned wants to know of an error in it, not only to have it counted. */
const SCANNED_CODE: NonNullable<GateLimits['code']> = {error: 0}

function inForce(limits: GateLimits, scans: readonly ScanOutcome[]): GateLimits {
  return limits.code === undefined && scans.some(({kind}) => kind === 'code') ? {...limits, code: SCANNED_CODE} : limits
}

/** The digest by which a limit set is named in records and demanded by policies. */
export function gatePolicy(limits: GateLimits): string {
  return sha256Hex(canonical(limits))
}

function canonical(limits: GateLimits): string {
  const text = canonicalize(limits)
  if (text === undefined) throw new AppError('bug', 'the limits of the gate are not JSON')
  return text
}

function rulesOf({vulnerabilities, secrets, misconfigurations, code}: GateLimits): GateRule[] {
  return [
    ...levels('vulnerability', vulnerabilities, ['critical', 'high', 'medium', 'low']).map((rule) =>
      vulnerabilities['only-fixed'] ? {...rule, onlyFixed: true as const} : rule,
    ),
    {kind: 'secret', limit: secrets},
    ...levels('misconfiguration', misconfigurations, ['critical', 'high', 'medium', 'low']),
    ...(code === undefined ? [] : levels('code', code, ['error', 'warning'])),
  ]
}

/** A severity without a limit is recorded and not judged. */
function levels<S extends Severity>(kind: ScanKind, limits: {readonly [L in S]?: number | undefined}, severities: readonly S[]): GateRule[] {
  return severities.flatMap((severity) => {
    const limit = limits[severity]
    return limit === undefined ? [] : [{kind, severity, limit}]
  })
}

function counted({kind, severity, onlyFixed}: GateRule, scans: readonly ScanOutcome[]): Finding[] {
  const findings = scans.filter((scan) => scan.kind === kind).flatMap((scan) => scan.findings)
  const relevant = findings.filter((finding) => onlyFixed !== true || finding.fixed_version !== undefined)
  return distinctFindings(relevant).filter((finding) => severity === undefined || finding.severity === severity)
}

interface Gap extends GateReason {
  readonly code: ReasonCode
}

function notRun(rules: readonly GateRule[], scans: readonly ScanOutcome[]): Gap[] {
  const asked = new Set(rules.map(({kind}) => kind))
  return [...asked].filter((kind) => scans.every((scan) => scan.kind !== kind)).map((kind) => ({code: 'scan.not-run', kind}))
}

/** One reason per code, with the first of what it is about; the scan record has the whole list. */
function gapsOf({kind, unscanned}: ScanOutcome): Gap[] {
  const gaps = new Map<ReasonCode, Gap>()
  for (const {what, reason} of unscanned) {
    const code = isReason(reason) ? reason : 'scan.incomplete'
    const gap = gaps.get(code)
    gaps.set(code, gap === undefined ? {code, kind, count: 1, what} : {...gap, count: (gap.count ?? 0) + 1})
  }
  return [...gaps.values()]
}

function isReason(code: string): code is ReasonCode {
  return Object.hasOwn(REASONS, code)
}

/** A reason that ends with 0 would make a gap look like a pass. */
function exitOf(code: ReasonCode): ExitCode {
  const {exit} = REASONS[code]
  return (exit as ExitCode) === EXIT.ok ? EXIT.bug : exit
}
