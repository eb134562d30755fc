import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import chalk from 'chalk'
import type {Answer} from '../../../../src/lib/actions/query/answer-query.ts'
import {listQueries} from '../../../../src/lib/actions/query/list-queries.ts'
import {paragraph, printable, wrap} from '../../../../src/lib/cli/render/printable.ts'
import {renderCsv} from '../../../../src/lib/cli/render/query-csv.ts'
import {renderQueryList} from '../../../../src/lib/cli/render/query-list.ts'
import {renderAnswer, renderIpe} from '../../../../src/lib/cli/render/query.ts'
import type {AnswerRow} from '../../../../src/lib/queries/question.ts'
import {digestOf, hex, image} from '../../../fakes/evidence-writer.ts'

const COLUMNS = ['time', 'image', 'running', 'count', 'empty', 'hidden']

function answer(rows: readonly AnswerRow[], ipe: Partial<Answer['ipe']> = {}): Answer {
  return {
    columns: COLUMNS.map((name) => ({name, says: name, type: 'VARCHAR', ...(name === 'hidden' && {wide: true as const})})),
    rows,
    ipe: {
      query: 'made-up',
      version: 2,
      asks: 'What is this?',
      sql_sha256: hex('sql'),
      sql: 'SELECT',
      parameters: {from: '2026-03-01T00:00:00.000Z', to: '2026-03-10T12:00:00.000Z', environment: 'production'},
      engine: {name: 'duckdb', version: 'v1', execution: '01JXS800000000000000000001', bytes_scanned: 4096},
      rows: rows.length,
      shown: rows.length,
      store: {address: 'folder:/evidence', head: 'not-sealed', seal: null, records: 10, covered: 4, newest: '2026-03-10T11:00:00.000Z', checked_now: 1},
      clusters: [],
      reason: null,
      complete: true,
      gaps: [],
      notes: [],
      controls: [
        {id: 'HIPAA 164.312(b)', basis: 'hipaa-ci-interpretation'},
        {id: 'NIST 800-53 CM-14', basis: 'framework-text'},
      ],
      does_not_prove: ['that it is so'],
      ran_at: '2026-03-10T12:00:00.000Z',
      duration_ms: 12,
      ran_by: {id: 'jo', issuer: 'desk', basis: 'claimed'},
      tool: 'hipaa-ci 0.1.0',
      recorded: '01JZ8Q4X5T7V9W2Y3A4B5C6D7E',
      ...ipe,
    },
  }
}

const ROW = {time: '2026-03-02T08:00:00.000Z', image: image('v1'), running: true, count: 3, empty: null, hidden: 'x'}
const GAP = {code: 'run.no-end' as const, what: 'run X has no end record', run: 'X'}

describe('renderAnswer', () => {
  const {level} = chalk
  before(() => {
    chalk.level = 0
  })
  after(() => {
    chalk.level = level
  })

  it('shows rows so that they can be read, without what is empty or wide', () => {
    const [heading, ...lines] = renderAnswer(answer([ROW])).split('\n')
    assert.match(heading ?? '', /^time \(UTC\) +image +running +count$/)
    const digest = digestOf('v1').slice(7, 19)
    assert.equal(lines[0], `2026-03-02 08:00:00  registry.example/prod/patient-api@sha256:${digest}…  yes      3`)
  })

  it('fits into 100 columns, whatever stands in it', () => {
    const long = {...ROW, image: `${image('v1')} ${'long words '.repeat(30)}`, empty: 'x'.repeat(300), time: 'y'.repeat(70)}
    const text = renderAnswer(answer([long, ROW], {gaps: [{code: 'run.no-end', what: 'z'.repeat(300)}], complete: false, notes: ['n'.repeat(250)]}))
    for (const line of text.split('\n')) assert.ok(Array.from(line).length <= 100, line)
    assert.equal(text.replaceAll(/[^x]/g, '').length >= 300, true, 'nothing is cut off')
  })

  it('says first that an answer is incomplete, and why, and once more last', () => {
    const lines = renderAnswer(answer([ROW], {complete: false, gaps: [GAP]})).split('\n')
    assert.match(lines[0] ?? '', /^INCOMPLETE/)
    assert.equal(lines[1], '  run X has no end record (run.no-end)')
    assert.match(lines[2] ?? '', /^ {2}→ hipaa-ci query run --run X shows what that run left\. A gap stays a gap/)
    assert.equal(lines.at(-1), 'INCOMPLETE, as said at the top: 1 gap')
    assert.equal(lines.filter((line) => line.includes('has no end record')).length, 1)
    assert.equal(lines.filter((line) => line.startsWith('INCOMPLETE')).length, 2)
  })

  it('says what to do about what is in no run', () =>
    assert.match(renderIpe(answer([], {complete: false, gaps: [{code: 'sbom.missing', what: 'none'}]}).ipe), /\n {2}→ hipaa-ci attest <image> --type sbom\n/))

  it('does not say "no rows" alike of a whole answer and of one that is not', () => {
    assert.match(renderAnswer(answer([])), /^No rows\.\n/)
    assert.match(renderAnswer(answer([], {complete: false, gaps: [GAP]})), /\nNo rows were found\.\n/)
  })

  it('says how many rows are not shown', () => assert.match(renderAnswer(answer([ROW], {rows: 9})), /8 more of 9 rows are not shown/))

  it('says how the answer was made', () => {
    const text = renderAnswer(answer([ROW])).replaceAll(/\s+/g, ' ')
    for (const part of [
      'What is this? (made-up v2)',
      'from 2026-03-01T00:00:00.000Z, before 2026-03-10T12:00:00.000Z (UTC), environment production',
      'store folder:/evidence not sealed: nobody outside has noted what it held',
      '4 in scope of 10, newest 2026-03-10T11:00:00.000Z 1 record was read and found unchanged for this answer, every other one when it entered the index',
      `sha256:${hex('sql')}`,
      'duckdb v1',
      'by jo (desk, claimed) recorded 01JZ8Q4X5T7V9W2Y3A4B5C6D7E ',
      'HIPAA 164.312(b)*, NIST 800-53 CM-14 not proven',
      'that it is so',
    ])
      assert.ok(text.includes(part), part)
    assert.match(renderAnswer(answer([], {recorded: null, ran_by: null})), /by an unknown person\nrecorded +not recorded\n/)
  })

  it('says which clusters it rests on, and which is silent', () => {
    const [since, until] = ['2026-03-01T00:00:00.000Z', '2026-03-09T11:00:00.000Z']
    const one = {system: 'patient-api', since, until}
    const cluster = 'arn:aws:eks:eu-central-1:111122223333:cluster/prod-east'
    const text = stripVTControlCharacters(
      renderAnswer(
        answer([], {
          clusters: [
            {...one, cluster, account: '111122223333', region: 'eu-central-1', state: 'reporting'},
            {...one, cluster: 'prod-west', account: null, region: null, state: 'silent'},
          ],
        }),
      ),
    ).replaceAll(/\s+/g, ' ')
    assert.ok(text.includes(`${cluster} (111122223333, eu-central-1): from ${since} to ${until}, reporting`), text)
    assert.ok(text.includes(`prod-west: from ${since} to ${until}, SILENT SINCE THEN`), text)
  })

  it('does not say 1970 where nobody named a beginning', () =>
    assert.match(
      renderIpe(answer([], {parameters: {from: '1970-01-01T00:00:00.000Z', to: '2026-03-10T12:00:00.000Z'}}).ipe),
      /from the first record, before 2026-/,
    ))

  it('names no more gaps than can be read', () => {
    const gaps = Array.from({length: 30}, () => GAP)
    assert.match(renderIpe(answer([], {complete: false, gaps}).ipe), /and 10 more/)
  })

  it('lets nothing of somebody else move the cursor or hide', () => {
    const text = renderAnswer(
      answer([{...ROW, image: '\u001B[2J\u202Eevil\u0007\n'}], {complete: false, gaps: [{code: 'run.no-end', what: '\u001B]0;x'}], notes: ['\u009Bx']}),
    )
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  })
})

describe('wrap', () => {
  it('breaks where words and names part', () => {
    assert.deepEqual(wrap('registry.example/prod/api@sha256:0123456789ab', 24), ['registry.example/prod/', 'api@sha256:0123456789ab'])
    assert.deepEqual(wrap('registry.example/prod/patient-api@sha256:0123456789ab', 30), ['registry.example/prod/', 'patient-api', '@sha256:0123456789ab'])
    assert.deepEqual(wrap('2026-03-02 08:00:00', 10), ['2026-03-02', '08:00:00'])
    assert.deepEqual(wrap('abcdef', 2), ['ab', 'cd', 'ef'])
    assert.deepEqual(wrap('', 5), [''])
    assert.deepEqual(wrap('🦊🦊🦊', 2), ['🦊🦊', '🦊'])
  })

  it('keeps every letter', () => {
    const text = 'a/b-c d@e.f:g,h'.repeat(7)
    for (const width of [1, 2, 5, 13, 40]) assert.equal(wrap(text, width).join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
  })

  it('puts later lines under the first', () => assert.deepEqual(paragraph('note: ', 'one two three', 12), ['note: one', '      two', '      three']))

  it('marks what cannot be shown', () => assert.equal(printable('a\u0000b\u200Bc'), 'a\uFFFDb\uFFFDc'))
})

describe('renderCsv', () => {
  const cells = (...values: (string | number | null)[]) =>
    renderCsv({columns: [{name: 'a', says: '', type: ''}], rows: values.map((value) => ({a: value}))})
      .split('\r\n')
      .slice(1, -1)

  it('quotes what needs it', () =>
    assert.deepEqual(cells('x', 'a,b', 'say "hi"', 'two\nlines', null, ''), ['x', '"a,b"', '"say ""hi"""', '"two\nlines"', '', '']))

  it('lets no cell run as a formula', () => {
    const formulas = ['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '|calc', '＝1', '\0=1']
    for (const cell of cells(...formulas)) assert.match(cell, /^"?'/)
  })

  it('leaves numbers and harmless text alone', () => assert.deepEqual(cells(-1, 3, 'a=b', 'x@y'), ['-1', '3', 'a=b', 'x@y']))

  it('has a heading also without rows', () => assert.equal(renderCsv({columns: [{name: 'a', says: '', type: ''}], rows: []}), 'a\r\n'))
})

describe('renderQueryList', () => {
  it('lists every question with its controls, within 100 columns', () => {
    const list = listQueries()
    const text = stripVTControlCharacters(renderQueryList(list))
    for (const {name, aliases, controls} of list.queries) for (const part of [name, ...aliases, controls[0]?.id ?? '']) assert.ok(text.includes(part), part)
    for (const line of text.split('\n')) assert.ok(line.length <= 100, line)
    assert.match(text, /looks for exceptions/)
  })
})
