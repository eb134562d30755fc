import assert from 'node:assert/strict'
import {byFolder, parseLcov, ranges} from '../../scripts/coverage.ts'
import {isTypeOnly} from '../../scripts/type-only.ts'

const LCOV = `TN:
SF:src/lib/evidence/key.ts
DA:1,1
DA:2,0
DA:3,0
DA:5,0
LF:4
LH:1
end_of_record
TN:
SF:src/lib/errors.ts
DA:1,7
DA:2,7
end_of_record
`

describe('coverage', () => {
  const files = parseLcov(LCOV)

  it('is read by file from lcov', () => {
    assert.deepEqual(files, [
      {file: 'src/lib/evidence/key.ts', lines: 4, covered: 1, missed: [2, 3, 5]},
      {file: 'src/lib/errors.ts', lines: 2, covered: 2, missed: []},
    ])
  })

  it('is judged by folder and for the whole', () => {
    assert.deepEqual(byFolder(files, {'.': 50, 'src/lib/evidence': 100}), [
      {folder: 'src/lib', lines: 2, covered: 2, met: true},
      {folder: 'src/lib/evidence', lines: 4, covered: 1, met: false, required: 100},
      {folder: '.', lines: 6, covered: 3, met: true, required: 50},
    ])
  })

  it('counts what lies deeper toward the folder that is required', () => {
    const deeper = [{file: 'src/lib/evidence/redaction/rules.ts', lines: 10, covered: 9, missed: [4]}]
    assert.equal(byFolder(deeper, {'src/lib/evidence': 100}).find(({folder}) => folder === 'src/lib/evidence')?.met, false)
  })

  it('is not met by a report that lost its files', () => {
    assert.deepEqual(
      byFolder([], {'.': 90, 'src/lib/evidence': 100}).map(({met}) => met),
      [false, false],
    )
  })

  it('shows missed lines as spans', () => {
    assert.equal(ranges([2, 3, 4, 7, 9, 10]), '2-4, 7, 9-10')
    assert.equal(ranges([]), '')
  })
})

describe('isTypeOnly', () => {
  it('knows what the compiler leaves of types alone', () => {
    assert.equal(isTypeOnly('/** The edges. */\nexport {};\n//# sourceMappingURL=ports.js.map'), true)
    assert.equal(isTypeOnly('export const a = 1;\n'), false)
    assert.equal(isTypeOnly("import './effect.js';\nexport {};\n"), false)
  })
})
