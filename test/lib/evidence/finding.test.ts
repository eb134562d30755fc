import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  bySeverity,
  clip,
  clipPath,
  countFindings,
  distinctFindings,
  encodeFindings,
  fingerprint,
  Finding,
  FindingsBlob,
  toCode,
} from '../../../src/lib/evidence/finding.ts'
import {Code, SEVERITIES} from '../../../src/lib/evidence/primitives.ts'

const finding = (changes: Partial<Finding> = {}): Finding => ({
  kind: 'vulnerability',
  id: 'CVE-2021-44228',
  fingerprint: fingerprint('x'),
  severity: 'high',
  severity_source: 'ghsa',
  ...changes,
})
const digest = (digit: string) => `sha256:${digit.repeat(64)}`

describe('a finding', () => {
  it('refuses members that could carry source text', () => {
    assert.equal(Finding.safeParse({...finding(), match: 'password=…'}).success, false)
    assert.equal(Finding.safeParse({...finding(), title: 'x'.repeat(201)}).success, false)
  })

  it('gives the same bytes whatever the order', () => {
    const findings = [finding(), finding({id: 'CVE-2', fingerprint: fingerprint('y')}), finding({platform: digest('a')}), finding({kind: 'secret'})]
    fc.assert(
      fc.property(fc.shuffledSubarray(findings, {minLength: findings.length}), (shuffled) => {
        assert.deepEqual(encodeFindings(shuffled), encodeFindings(findings))
      }),
    )
  })

  it('is read back from its blob, which ends with a line', () => {
    const text = Buffer.from(encodeFindings([finding()])).toString()
    assert.ok(text.endsWith('\n'))
    assert.deepEqual(FindingsBlob.parse(JSON.parse(text)).findings, [finding()])
  })

  it('is one finding on two platforms, at its worst', () => {
    const both = [finding({severity: 'medium', platform: digest('a')}), finding({severity: 'critical', platform: digest('b')})]
    assert.deepEqual(countFindings(both), {critical: 1})
    assert.deepEqual(
      distinctFindings(both.toReversed()).map(({severity}) => severity),
      ['critical'],
    )
  })

  it('is not the same as one of another kind with the same fingerprint', () => {
    assert.deepEqual(countFindings([finding(), finding({kind: 'misconfiguration'})]), {high: 2})
  })

  it('sorts worst first', () => {
    const sorted = SEVERITIES.map((severity) => finding({severity, fingerprint: fingerprint(severity)})).toSorted(bySeverity)
    assert.deepEqual(
      sorted.map(({severity}) => severity),
      ['critical', 'error', 'high', 'warning', 'medium', 'low', 'info', 'unknown'],
    )
  })
})

describe('fingerprint', () => {
  it('keeps parts apart', () => {
    assert.notEqual(fingerprint('a', 'bc'), fingerprint('ab', 'c'))
    assert.notEqual(fingerprint('a","b'), fingerprint('a', 'b'))
  })
})

describe('names of scanners', () => {
  it('become codes, whatever they are', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (name) => assert.ok(Code.safeParse(toCode(name)).success)))
    assert.equal(toCode('CVE-2021-44228'), 'CVE-2021-44228')
    assert.equal(toCode('my rule: x'), 'my-rule:-x')
  })

  it('are cut with a mark', () => {
    assert.equal(clip('  a\n b ', 10), 'a b')
    assert.equal(clip(' ', 10), undefined)
    assert.equal(clip('abcdef', 4), 'abc…')
    assert.equal(clipPath(`a/${'b'.repeat(600)}/end`).length, 512)
    assert.ok(clipPath(`a/${'b'.repeat(600)}/end`).endsWith('/end'))
  })
})
