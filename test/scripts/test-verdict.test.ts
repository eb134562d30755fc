import assert from 'node:assert/strict'
import {testVerdict, type TestRun} from '../../scripts/test-verdict.ts'

const GOOD: TestRun = {built: true, ended: true, report: {passed: 5, failed: 0, files: 2}, covered: true}

describe('testVerdict', () => {
  it('is good only where everything is', () => {
    assert.deepEqual(testVerdict(GOOD), {exitCode: 0, lines: ['5 passed, 0 failed']})
    assert.equal(testVerdict({...GOOD, covered: undefined}).exitCode, 0)
  })

  const bad: [string, Partial<TestRun>, string][] = [
    ['the build failed', {built: false, ended: false, report: undefined, covered: undefined}, '0 passed, 1 failed'],
    ['mocha left no report', {ended: false, report: undefined, covered: undefined}, '0 passed, 1 failed'],
    ['mocha says it ended well but left no report', {report: undefined}, '0 passed, 1 failed'],
    ['no test ran', {report: {passed: 0, failed: 0, files: 0}}, '0 passed, 0 failed'],
    ['a test failed', {ended: false, report: {passed: 4, failed: 1, files: 2}, covered: undefined}, '4 passed, 1 failed'],
    ['a test failed and mocha hid it', {report: {passed: 4, failed: 1, files: 2}}, '4 passed, 1 failed'],
    ['mocha was killed after its report', {ended: false}, '5 passed, 0 failed'],
    ['coverage is not met', {covered: false}, '5 passed, 0 failed'],
  ]
  for (const [what, change, closing] of bad) {
    it(`is bad, and says so last, where ${what}`, () => {
      const {exitCode, lines} = testVerdict({...GOOD, ...change})
      assert.equal(exitCode, 1)
      assert.equal(lines.at(-1), closing)
    })
  }
})
