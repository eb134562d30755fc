/** What our attestations say can be read back by a verdict, and what others say is not misread. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {SEVERITIES} from '../../../src/lib/evidence/primitives.ts'
import {gatePredicate, readGate} from '../../../src/lib/predicates/gate.ts'
import {countVulns, VulnsPredicate, vulnsPredicate} from '../../../src/lib/predicates/vulns.ts'

const TIME = '2026-06-15T12:00:00.000Z'
const TOOL = {name: 'trivy', version: '0.74.0', sha256: '1'.repeat(64), database: {updated_at: '2026-06-14T00:00:00.000Z', sha256: '2'.repeat(64)}}

const counted = (levels: readonly (readonly {method: string; score: string}[])[]) =>
  countVulns(
    VulnsPredicate.parse({
      scanner: {uri: 'pkg:generic/x', db: {lastUpdate: TIME}, result: levels.map((severity) => ({id: 'CVE-1', severity}))},
      metadata: {scanFinishedOn: TIME},
    }),
  )

describe('the vulnerabilities predicate', () => {
  it('comes back with the counts that went in', () => {
    const level = fc.constantFrom(...SEVERITIES.slice(0, 5))
    fc.assert(
      fc.property(fc.array(level, {maxLength: 30}), (severities) => {
        const findings = severities.map((severity, at) => ({id: `CVE-${at}`, severity}))
        const predicate: unknown = JSON.parse(JSON.stringify(vulnsPredicate({tool: TOOL, findings, startedAt: TIME, finishedAt: TIME})))
        const counts = countVulns(VulnsPredicate.parse(predicate))
        for (const name of SEVERITIES) assert.equal(counts[name] ?? 0, severities.filter((each) => each === name).length)
      }),
    )
  })

  it('counts a level that it does not know as critical', () => {
    assert.deepEqual(counted([[{method: 'level', score: 'Critical'}], [{method: 'level', score: 'none'}], [{method: 'level', score: ''}]]), {critical: 3})
    assert.deepEqual(counted([[{method: 'CVSS_V3', score: '2.0'}]]), {critical: 1})
  })

  it('counts the worst of several levels', () => {
    assert.deepEqual(
      counted([
        [
          {method: 'level', score: 'low'},
          {method: 'level', score: 'high'},
        ],
      ]),
      {high: 1},
    )
    assert.deepEqual(
      counted([
        [
          {method: 'level', score: 'low'},
          {method: 'level', score: 'odd'},
        ],
      ]),
      {critical: 1},
    )
  })

  it('is not readable without the time of its database', () => {
    const {database: _, ...tool} = TOOL
    const predicate: unknown = JSON.parse(JSON.stringify(vulnsPredicate({tool, findings: [], startedAt: TIME, finishedAt: TIME})))
    assert.equal(VulnsPredicate.safeParse(predicate).success, false)
  })

  it('refuses a finding without a severity', () => {
    assert.throws(() => counted([[]]))
  })
})

describe('the gate predicate', () => {
  const input = {policy: 'c'.repeat(64), decidedAt: TIME, reasons: [], tools: [TOOL]}

  it('comes back as it was decided', () => {
    for (const [decision, passed] of [
      ['pass', true],
      ['fail', false],
      ['could-not-check', false],
    ] as const)
      assert.deepEqual(readGate(JSON.parse(JSON.stringify(gatePredicate({...input, decision})))), {passed, policy: input.policy, decidedAt: TIME})
  })

  it('passes nothing that another word than PASSED stands on', () => {
    const predicate = gatePredicate({...input, decision: 'pass'})
    assert.ok(typeof predicate === 'object' && predicate !== null)
    const read = readGate({...predicate, result: 'WARNED'})
    assert.ok(typeof read === 'object')
    assert.equal(read.passed, false)
    for (const result of ['passed', '', null, true, undefined]) assert.equal(readGate({...predicate, result}), 'unreadable')
  })

  it('names its reasons once each', () => {
    const reason = {code: 'gate.failed', kind: 'vulnerability', severity: 'high'} as const
    const predicate = gatePredicate({...input, decision: 'fail', reasons: [reason, reason, {code: 'scan.not-run', kind: 'code'}]})
    assert.deepEqual((predicate as {failedTests: unknown}).failedTests, ['gate.failed/vulnerability/high', 'scan.not-run/code'])
  })
})
