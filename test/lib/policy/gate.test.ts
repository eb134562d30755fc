import assert from 'node:assert/strict'
import fc from 'fast-check'
import {GateLimits} from '../../../src/lib/config/schema.ts'
import {SCAN_KINDS, type ScanKind} from '../../../src/lib/evidence/details.ts'
import {fingerprint, type Finding} from '../../../src/lib/evidence/finding.ts'
import type {Severity} from '../../../src/lib/evidence/primitives.ts'
import {decideGate, gatePolicy, type ScanOutcome} from '../../../src/lib/policy/gate.ts'

const limits = (value: unknown = {}) => GateLimits.parse(value)

let next = 0
function finding(kind: ScanKind, severity: Severity, more: Partial<Finding> = {}): Finding {
  next += 1
  return {kind, id: `ID-${next}`, fingerprint: fingerprint(String(next)), severity, severity_source: 'test', ...more}
}

/** Every kind ran and found nothing, but for what is given. */
function scans(...outcomes: readonly Partial<ScanOutcome>[]): ScanOutcome[] {
  const given = new Map(outcomes.map((outcome) => [outcome.kind, outcome]))
  return (['vulnerability', 'secret', 'misconfiguration'] as const)
    .map((kind) => ({kind, findings: [], unscanned: [], ...given.get(kind)}))
    .concat(outcomes.filter(({kind}) => kind === 'code').map((outcome) => ({findings: [], unscanned: [], ...outcome}) as never))
}

const lost = {what: 'app/x', reason: 'trivy.parse-failed'}

describe('the gate', () => {
  const table: readonly {
    readonly name: string
    readonly limits?: unknown
    readonly scans: readonly ScanOutcome[]
    readonly decision: string
    readonly exit: number
    readonly codes?: readonly string[]
  }[] = [
    {name: 'all looked at, nothing found', scans: scans(), decision: 'pass', exit: 0, codes: []},
    {
      name: 'at the limit',
      limits: {vulnerabilities: {medium: 1}},
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'medium')]}),
      decision: 'pass',
      exit: 0,
    },
    {
      name: 'one above the limit',
      limits: {vulnerabilities: {medium: 1}},
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'medium'), finding('vulnerability', 'medium')]}),
      decision: 'fail',
      exit: 1,
      codes: ['gate.failed'],
    },
    {name: 'critical, by default', scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'critical')]}), decision: 'fail', exit: 1},
    {
      name: 'high, though only medium is named',
      limits: {vulnerabilities: {medium: 5}},
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'high')]}),
      decision: 'fail',
      exit: 1,
    },
    {name: 'low has no limit by default', scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'low')]}), decision: 'pass', exit: 0},
    {
      name: 'only fixed, and there is no fix',
      limits: {vulnerabilities: {'only-fixed': true}},
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'critical')]}),
      decision: 'pass',
      exit: 0,
    },
    {
      name: 'only fixed, and there is a fix',
      limits: {vulnerabilities: {'only-fixed': true}},
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'critical', {fixed_version: '2'})]}),
      decision: 'fail',
      exit: 1,
    },
    {name: 'a secret of the least severity', scans: scans({kind: 'secret', findings: [finding('secret', 'low')]}), decision: 'fail', exit: 1},
    {name: 'a tolerated secret', limits: {secrets: 1}, scans: scans({kind: 'secret', findings: [finding('secret', 'critical')]}), decision: 'pass', exit: 0},
    {name: 'a misconfiguration', scans: scans({kind: 'misconfiguration', findings: [finding('misconfiguration', 'high')]}), decision: 'fail', exit: 1},
    {name: 'something unscanned', scans: scans({kind: 'secret', unscanned: [lost]}), decision: 'could-not-check', exit: 3, codes: ['scan.incomplete']},
    {
      name: 'the scanner is missing',
      scans: scans({kind: 'vulnerability', unscanned: [{what: 'trivy', reason: 'tool.missing'}]}),
      decision: 'could-not-check',
      exit: 3,
      codes: ['tool.missing'],
    },
    {
      name: 'the database is stale',
      scans: scans({kind: 'vulnerability', unscanned: [{what: 'trivy.db', reason: 'scan.database-stale'}]}),
      decision: 'could-not-check',
      exit: 3,
      codes: ['scan.database-stale'],
    },
    {
      name: 'found and unscanned: the failure wins, both are shown',
      scans: scans({kind: 'vulnerability', findings: [finding('vulnerability', 'critical')], unscanned: [lost]}),
      decision: 'fail',
      exit: 1,
      codes: ['gate.failed', 'scan.incomplete'],
    },
    {name: 'no scanner ran', scans: [], decision: 'could-not-check', exit: 3, codes: ['scan.not-run', 'scan.not-run', 'scan.not-run']},
    {name: 'a code limit without a code scan', limits: {code: {}}, scans: scans(), decision: 'could-not-check', exit: 3, codes: ['scan.not-run']},
    {name: 'a code error', limits: {code: {}}, scans: scans({kind: 'code', findings: [finding('code', 'error')]}), decision: 'fail', exit: 1},
    {
      name: 'a code error, though no limit is named: who has the source scanned means it',
      scans: scans({kind: 'code', findings: [finding('code', 'error')]}),
      decision: 'fail',
      exit: 1,
      codes: ['gate.failed'],
    },
    {name: 'a code warning, where no limit is named', scans: scans({kind: 'code', findings: [finding('code', 'warning')]}), decision: 'pass', exit: 0},
    {
      name: 'a code error that is allowed',
      limits: {code: {error: 1}},
      scans: scans({kind: 'code', findings: [finding('code', 'error')]}),
      decision: 'pass',
      exit: 0,
    },
    {name: 'no source, where no code limit is named', scans: scans(), decision: 'pass', exit: 0},
    {name: 'a gap in a code scan that no limit names: it was asked for', scans: scans({kind: 'code', unscanned: [lost]}), decision: 'could-not-check', exit: 3},
  ]
  for (const row of table) {
    it(`${row.decision}: ${row.name}`, () => {
      const decision = decideGate(limits(row.limits), row.scans)
      assert.equal(decision.decision, row.decision)
      assert.equal(decision.exitCode, row.exit)
      if (row.codes !== undefined)
        assert.deepEqual(
          decision.reasons.map(({code}) => code),
          row.codes,
        )
    })
  }

  it('names the limit, the count and the findings that stop it, worst first', () => {
    const findings = [finding('vulnerability', 'high'), finding('vulnerability', 'low'), finding('vulnerability', 'critical')]
    const {reasons, stopping, counts} = decideGate(limits(), scans({kind: 'vulnerability', findings}))
    assert.deepEqual(reasons, [
      {code: 'gate.failed', kind: 'vulnerability', severity: 'critical', count: 1, limit: 0},
      {code: 'gate.failed', kind: 'vulnerability', severity: 'high', count: 1, limit: 0},
    ])
    assert.deepEqual(
      stopping.map(({severity}) => severity),
      ['critical', 'high'],
    )
    assert.deepEqual(counts.vulnerability, {high: 1, low: 1, critical: 1})
  })

  it('counts gaps by code and kind, however many there are', () => {
    const unscanned = Array.from({length: 500}, (_, index) => ({what: `file-${index}`, reason: 'semgrep.partial-parsing'}))
    const {reasons} = decideGate(limits(), scans({kind: 'code', unscanned}))
    assert.deepEqual(reasons, [{code: 'scan.incomplete', kind: 'code', count: 500, what: 'file-0'}])
  })

  it('has one digest per meaning of the limits, not per spelling', () => {
    assert.equal(gatePolicy(limits({vulnerabilities: {high: 1, critical: 2}})), gatePolicy(limits({vulnerabilities: {critical: 2, high: 1}})))
    assert.notEqual(gatePolicy(limits()), gatePolicy(limits({secrets: 1})))
  })

  it('names the limits in force, of which the digest is', () => {
    const bare = decideGate(limits(), scans())
    const withCode = decideGate(limits(), scans({kind: 'code'}))
    assert.deepEqual(
      withCode.limits.filter(({kind}) => kind === 'code'),
      [{kind: 'code', severity: 'error', limit: 0}],
    )
    assert.ok(bare.limits.every(({kind}) => kind !== 'code'))
    assert.equal(bare.policy, gatePolicy(limits()))
    assert.equal(withCode.policy, gatePolicy(limits({code: {error: 0}})))
  })

  it('never passes what it did not look at, and never hides a failure', () => {
    const severities = ['critical', 'high', 'medium', 'low', 'unknown'] as const
    const outcome = fc.record({
      kind: fc.constantFrom(...SCAN_KINDS),
      findings: fc.array(
        fc.constantFrom(...severities).map((severity) => finding('vulnerability', severity)),
        {maxLength: 4},
      ),
      unscanned: fc.array(fc.constantFrom(lost, {what: 'trivy', reason: 'tool.timeout'}), {maxLength: 2}),
    })
    fc.assert(
      fc.property(fc.uniqueArray(outcome, {selector: ({kind}) => kind}), (given) => {
        const {decision, exitCode, reasons} = decideGate(limits(), given)
        const complete =
          (['vulnerability', 'secret', 'misconfiguration'] as const).every((kind) => given.some((scan) => scan.kind === kind)) &&
          given.every(({unscanned}) => unscanned.length === 0)
        if (decision === 'pass') assert.ok(complete)
        assert.equal(decision === 'pass', exitCode === 0)
        assert.equal(decision === 'fail', exitCode === 1)
        assert.equal(decision === 'pass', reasons.length === 0)
      }),
    )
  })
})
