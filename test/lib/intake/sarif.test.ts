import assert from 'node:assert/strict'
import {countFindings, encodeFindings} from '../../../src/lib/evidence/finding.ts'
import {parseSarif} from '../../../src/lib/intake/sarif.ts'

const location = (uri: string, startLine?: number) => [{physicalLocation: {artifactLocation: {uri}, region: {startLine}}}]
const sarif = (run: object) => ({
  version: '2.1.0',
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  runs: [{tool: {driver: {name: 'Some Linter', rules: []}}, results: [], ...run}],
})
const RULES = [
  {id: 'no-eval', shortDescription: {text: 'Do not\n  evaluate text'}, defaultConfiguration: {level: 'error'}},
  {id: 'style', defaultConfiguration: {level: 'note'}},
]

describe('a SARIF report', () => {
  it('becomes findings, without message and snippet', () => {
    const {findings, unscanned} = parseSarif(
      sarif({
        tool: {driver: {name: 'Some Linter', rules: RULES}},
        results: [
          {ruleId: 'no-eval', message: {text: 'eval("patient " + name)'}, locations: location('src/a.js', 12)},
          {ruleIndex: 1, message: {text: 'x'}, level: 'warning', locations: location('file:///build/src/b.js')},
          {rule: {id: 'style'}, message: {text: 'x'}},
          {message: {text: 'x'}, level: 'none'},
        ],
      }),
    )
    assert.deepEqual(
      findings.map((finding) => ({...finding, fingerprint: ''})),
      [
        {
          kind: 'code',
          id: 'no-eval',
          fingerprint: '',
          severity: 'error',
          severity_source: 'some-linter',
          location: {path: 'src/a.js', line: 12},
          title: 'Do not evaluate text',
        },
        {kind: 'code', id: 'style', fingerprint: '', severity: 'warning', severity_source: 'some-linter', location: {path: '/build/src/b.js'}},
        {kind: 'code', id: 'style', fingerprint: '', severity: 'info', severity_source: 'some-linter'},
        {kind: 'code', id: 'unnamed', fingerprint: '', severity: 'info', severity_source: 'some-linter'},
      ],
    )
    assert.deepEqual([unscanned, countFindings(findings)], [[], {error: 1, warning: 1, info: 2}])
    assert.ok(!Buffer.from(encodeFindings(findings)).toString().includes('patient'))
  })

  it('counts what was suppressed, and not what passed', () => {
    const {findings} = parseSarif(
      sarif({
        results: [
          {ruleId: 'a', message: {}, suppressions: [{kind: 'inSource'}]},
          {ruleId: 'b', message: {}, kind: 'pass'},
          {ruleId: 'c', message: {}, kind: 'notApplicable'},
          {ruleId: 'd', message: {}, kind: 'open'},
        ],
      }),
    )
    assert.deepEqual(
      findings.map(({id}) => id),
      ['a', 'd'],
    )
  })

  it('keeps two findings of one rule in one file apart, the same from build to build', () => {
    const run = sarif({
      results: [
        {ruleId: 'a', message: {}, locations: location('x', 1)},
        {ruleId: 'a', message: {}, locations: location('x', 9)},
      ],
    })
    const moved = sarif({
      results: [
        {ruleId: 'a', message: {}, locations: location('x', 3)},
        {ruleId: 'a', message: {}, locations: location('x', 11)},
      ],
    })
    const prints = (report: object) => parseSarif(report).findings.map(({fingerprint}) => fingerprint)
    assert.equal(new Set(prints(run)).size, 2)
    assert.deepEqual(prints(run), prints(moved))
    const given = (hash: string) =>
      prints(sarif({results: [{ruleId: 'a', message: {}, locations: location('x', 1), partialFingerprints: {primaryLocationLineHash: hash}}]}))
    assert.notDeepEqual(given('1'), given('2'))
  })

  it('finds the rule of an extension', () => {
    const {findings} = parseSarif(
      sarif({
        tool: {driver: {name: 'T'}, extensions: [{name: 'pack', rules: RULES}]},
        results: [
          {rule: {index: 0, toolComponent: {index: 0}}, message: {}},
          {rule: {index: 0, toolComponent: {index: 7}}, message: {}},
        ],
      }),
    )
    assert.deepEqual(
      findings.map(({id, severity}) => [id, severity]),
      [
        ['no-eval', 'error'],
        ['unnamed', 'warning'],
      ],
    )
  })

  it('makes codes of names that are none, and cuts what is long', () => {
    const {findings} = parseSarif(sarif({results: [{ruleId: '  A rule: "x" ', message: {}, locations: location('p'.repeat(900))}]}))
    assert.equal(findings[0]?.id, 'A-rule:-x-')
    assert.equal(findings[0]?.location?.path.length, 512)
    encodeFindings(findings)
  })

  it('says what was not looked at', () => {
    const {unscanned} = parseSarif(
      sarif({
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [
              {level: 'error', descriptor: {id: 'Syntax error'}, locations: location('src/bad.js'), message: {text: 'secret'}},
              {level: 'error', message: {text: 'x'}},
              {level: 'warning', message: {text: 'x'}},
            ],
          },
        ],
      }),
    )
    assert.deepEqual(unscanned, [
      {what: 'Some Linter', reason: 'execution-failed'},
      {what: 'src/bad.js', reason: 'Syntax-error'},
      {what: 'Some Linter', reason: 'error-notification'},
    ])
    const many = Array.from({length: 500}, (_, index) => ({level: 'error', locations: location(`f${index}`)}))
    const cut = parseSarif(sarif({invocations: [{executionSuccessful: true, toolExecutionNotifications: many}]})).unscanned
    assert.deepEqual([cut.length, cut.at(-1)], [200, {what: '301 more', reason: 'not-listed'}])
  })

  for (const [what, value] of [
    ['null', null],
    ['a list', []],
    ['of another version', {...sarif({}), version: '2.0.0'}],
    ['without a run', {version: '2.1.0', runs: []}],
    ['of a run that was stopped before it had results', {version: '2.1.0', runs: [{tool: {driver: {name: 'T'}}}]}],
    ['with a level that is none', sarif({results: [{ruleId: 'a', message: {}, level: 'fatal'}]})],
  ] as const)
    it(`is refused where it is ${what}`, () => {
      assert.throws(() => parseSarif(value), {code: 'usage.input', message: /^this is not a SARIF 2\.1\.0 report: /})
    })
})
