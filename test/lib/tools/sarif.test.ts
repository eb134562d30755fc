import assert from 'node:assert/strict'
import {Finding} from '../../../src/lib/evidence/finding.ts'
import {findingsFromSarif} from '../../../src/lib/tools/sarif.ts'

const location = {physicalLocation: {artifactLocation: {uri: 'src/a.js'}, region: {startLine: 3, snippet: {text: 'const password = 1'}}}}
const run = (more: object = {}) => ({
  tool: {
    driver: {name: 'CodeQL', semanticVersion: '2.20.0', rules: [{id: 'js/x', shortDescription: {text: 'Use of x'}, defaultConfiguration: {level: 'error'}}]},
  },
  results: [{ruleId: 'js/x', message: {text: 'found const password = 1'}, locations: [location]}],
  ...more,
})
const sarif = (...runs: object[]) => ({version: '2.1.0', runs: runs.length === 0 ? [run()] : runs})

describe('findingsFromSarif', () => {
  it('gives code findings without a word of the code', () => {
    const {findings, tools, complete} = findingsFromSarif(sarif())
    const [first] = findings
    assert.ok(first !== undefined && Finding.safeParse(first).success)
    const {fingerprint, ...rest} = first
    assert.equal(fingerprint.length, 64)
    assert.deepEqual(rest, {kind: 'code', id: 'js/x', severity: 'error', severity_source: 'codeql', location: {path: 'src/a.js', line: 3}, title: 'Use of x'})
    assert.ok(!JSON.stringify(findings).includes('password'))
    assert.deepEqual(tools, [{name: 'CodeQL', version: '2.20.0'}])
    assert.equal(complete, true)
  })

  it('knows the levels, the default, and rules by index', () => {
    const results = [{level: 'error'}, {level: 'warning'}, {level: 'note'}, {level: 'none'}, {level: 'new'}, {ruleIndex: 0}, {ruleId: 'other'}]
    const {findings} = findingsFromSarif(sarif(run({results})))
    assert.deepEqual(
      findings.map(({severity}) => severity),
      ['error', 'warning', 'info', 'info', 'error', 'error', 'warning'],
    )
    assert.deepEqual(
      findings.map(({id}) => id),
      ['unnamed', 'unnamed', 'unnamed', 'unnamed', 'unnamed', 'js/x', 'other'],
    )
  })

  it('leaves out what is no fault, and keeps what the source suppressed', () => {
    const results = [
      {ruleId: 'a', kind: 'pass'},
      {ruleId: 'b', kind: 'notApplicable'},
      {ruleId: 'c', kind: 'fail', suppressions: [{kind: 'inSource'}]},
    ]
    assert.deepEqual(
      findingsFromSarif(sarif(run({results}))).findings.map(({id}) => id),
      ['c'],
    )
  })

  it('numbers what occurs twice, and is not moved by lines', () => {
    const moved = {...location, physicalLocation: {...location.physicalLocation, region: {startLine: 9}}}
    const [one, two] = findingsFromSarif(
      sarif(
        run({
          results: [
            {ruleId: 'a', locations: [location]},
            {ruleId: 'a', locations: [moved]},
          ],
        }),
      ),
    ).findings
    const [again] = findingsFromSarif(sarif(run({results: [{ruleId: 'a', locations: [moved]}]}))).findings
    assert.notEqual(one?.fingerprint, two?.fingerprint)
    assert.equal(again?.fingerprint, one?.fingerprint)
  })

  it('says where a run did not succeed', () => {
    assert.equal(findingsFromSarif(sarif(run(), run({invocations: [{executionSuccessful: false}]}))).complete, false)
  })

  it('refuses what is not SARIF 2.1.0', () => {
    for (const value of [null, {}, [], {version: '2.0.0', runs: []}, {version: '2.1.0', runs: []}, {version: '2.1.0', runs: [{}]}]) {
      assert.throws(() => findingsFromSarif(value), {code: 'usage.input'})
    }
  })
})
