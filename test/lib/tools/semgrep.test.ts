import assert from 'node:assert/strict'
import {semgrepFindings} from '../../../src/lib/tools/semgrep-findings.ts'
import {readSemgrepReport, type SemgrepMatch} from '../../../src/lib/tools/semgrep-report.ts'
import {semgrep} from '../../../src/lib/tools/semgrep.ts'
import {recording} from '../recording.ts'

const SOURCE = '/example/code'
const bytes = recording('semgrep@1.185.0/source.json')
const input = {source: SOURCE, rules: ['/rules']}

const report = (changes: object) => Buffer.from(JSON.stringify({results: [], errors: [], paths: {scanned: [], skipped: []}, ...changes}))
const unscanned = (changes: object) => readSemgrepReport(report(changes), SOURCE).unscanned

const answer = (exitCode: number, file?: Uint8Array) => ({
  exitCode,
  stdout: '',
  stderr: '',
  files: new Map(file === undefined ? [] : [['report.json', file]]),
})

const match = (text: string, needle: string, more: Partial<SemgrepMatch> = {}): SemgrepMatch => {
  const start = Buffer.byteLength(text.slice(0, text.lastIndexOf(needle)))
  return {rule: 'r', path: 'a.py', line: 1, start, end: start + Buffer.byteLength(needle), severity: 'error', ...more}
}

describe('semgrep: report', () => {
  it('has matches in what git ignores, in tests, under a nosem comment and in a large file', () => {
    const {matches} = readSemgrepReport(bytes, SOURCE)
    assert.deepEqual(matches.map(({path}) => path).toSorted(), ['a.py', 'broken.py', 'huge_ok.py', 'ignored.py', 'nosem.py', 'tests/t.py'])
    assert.deepEqual(matches[0], {rule: 'phi-in-log-python', path: 'a.py', line: 5, start: 31, end: 59, severity: 'error', title: 'PHI reaches a log call'})
  })

  it('says what was not scanned, though semgrep ended well', () => {
    assert.deepEqual(readSemgrepReport(bytes, SOURCE).unscanned, [
      {what: 'broken.py', reason: 'semgrep.partial-parsing'},
      {what: 'big.py', reason: 'semgrep.exceeded-size-limit'},
    ])
  })

  it('takes every skip for a gap, but for those that we declared', () => {
    assert.deepEqual(
      unscanned({
        paths: {
          scanned: [],
          skipped: [
            {path: `${SOURCE}/node_modules`, reason: 'cli_exclude_flags_match'},
            {path: `${SOURCE}/src/hidden`, reason: 'cli_exclude_flags_match'},
            {path: `${SOURCE}/a.txt`, reason: 'wrong_language'},
            {path: `${SOURCE}/b.py`, reason: 'semgrepignore_patterns_match'},
            {path: `${SOURCE}/c.py`, reason: 'a_reason_of_tomorrow'},
          ],
        },
      }),
      [
        {what: 'src/hidden', reason: 'semgrep.cli-exclude-flags-match'},
        {what: 'b.py', reason: 'semgrep.semgrepignore-patterns-match'},
        {what: 'c.py', reason: 'semgrep.a-reason-of-tomorrow'},
      ],
    )
  })

  it('takes every error for a gap, whatever its form', () => {
    assert.deepEqual(
      unscanned({
        errors: [
          {type: 'Timeout', path: `${SOURCE}/a.py`, rule_id: 'r'},
          {type: ['PartialParsing', []], path: `${SOURCE}/b.py`},
          {type: {odd: true}, rule_id: 'r'},
          {type: null},
        ],
        skipped_rules: [{rule_id: 'left-out'}],
      }),
      [
        {what: 'a.py', reason: 'semgrep.timeout'},
        {what: 'b.py', reason: 'semgrep.partial-parsing'},
        {what: 'r', reason: 'semgrep.error'},
        {what: 'unnamed', reason: 'semgrep.error'},
        {what: 'left-out', reason: 'semgrep.rule-skipped'},
      ],
    )
  })

  it('refuses a report that is torn, or keeps no account of what it skipped', () => {
    assert.throws(() => readSemgrepReport(bytes.subarray(0, 100), SOURCE), {code: 'tool.output'})
    assert.throws(() => readSemgrepReport(report({paths: {scanned: []}}), SOURCE), {code: 'tool.output'})
  })

  it('counts a severity that it does not know as an error', () => {
    const result = {check_id: 'r', path: `${SOURCE}/a.py`, start: {line: 1, offset: 0}, end: {line: 1, offset: 1}}
    const severities = ['CRITICAL', 'HIGH', 'ERROR', 'MEDIUM', 'WARNING', 'LOW', 'INFO', 'NEW'].map((severity) => ({...result, extra: {severity}}))
    assert.deepEqual(
      readSemgrepReport(report({results: severities}), SOURCE).matches.map(({severity}) => severity),
      ['error', 'error', 'error', 'warning', 'warning', 'info', 'info', 'error'],
    )
  })
})

describe('semgrep: answers', () => {
  it('needs a report, and one that fits the exit code', () => {
    assert.throws(() => semgrep.parse(answer(0), input), {code: 'tool.output'})
    assert.throws(() => semgrep.parse(answer(1, report({})), input), {code: 'tool.output'})
    assert.equal(semgrep.parse(answer(1, bytes), input).matches.length, 6)
  })

  it('turns off every switch that the code under test could turn', () => {
    const argv = semgrep.argv(input, '/s')
    for (const flag of ['--disable-nosem', '--no-git-ignore', '--x-ignore-semgrepignore-files', '--verbose', '--metrics=off', '--no-rewrite-rule-ids'])
      assert.ok(argv.includes(flag), flag)
    assert.equal(argv.at(-1), SOURCE)
  })
})

const printOf = (text: string, needle: string, more?: Partial<SemgrepMatch>) =>
  semgrepFindings([match(text, needle, more)], new Map([[more?.path ?? 'a.py', Buffer.from(text)]]))[0]?.fingerprint

describe('semgrep: fingerprints', () => {
  it('outlive a shift of lines, a reformatting and letters of several bytes before them', () => {
    const print = printOf('log(p.ssn)', 'log(p.ssn)')
    assert.equal(printOf('\n\n# é ü\nlog(p.ssn)', 'log(p.ssn)', {line: 4}), print)
    assert.equal(printOf('log(p.ssn,\n  x)', 'log(p.ssn,\n  x)'), printOf('log(p.ssn, x)', 'log(p.ssn, x)'))
  })

  it('differ by rule, path and text', () => {
    const prints = [
      printOf('log(p.ssn)', 'log(p.ssn)'),
      printOf('log(p.mrn)', 'log(p.mrn)'),
      printOf('log(p.ssn)', 'log(p.ssn)', {rule: 's'}),
      printOf('log(p.ssn)', 'log(p.ssn)', {path: 'b.py'}),
    ]
    assert.equal(new Set(prints).size, prints.length)
  })

  it('number what occurs twice, in the order of the file', () => {
    const text = 'log(p.ssn)\nlog(p.ssn)'
    const twice = [
      {...match(text, 'log(p.ssn)'), line: 2},
      {rule: 'r', path: 'a.py', line: 1, start: 0, end: 10, severity: 'error' as const},
    ]
    const findings = semgrepFindings(twice, new Map([['a.py', Buffer.from(text)]]))
    assert.deepEqual(
      findings.map(({location}) => location?.line),
      [1, 2],
    )
    assert.equal(findings[0]?.fingerprint, printOf('log(p.ssn)', 'log(p.ssn)'))
    assert.notEqual(findings[1]?.fingerprint, findings[0]?.fingerprint)
  })

  it('are not made up for a file that changed under the scan', () => {
    assert.throws(() => semgrepFindings([match('log(p.ssn)', 'log(p.ssn)')], new Map([['a.py', Buffer.from('x')]])), {code: 'tool.output'})
    assert.throws(() => semgrepFindings([match('log(p.ssn)', 'log(p.ssn)')], new Map()), {code: 'tool.output'})
  })
})
