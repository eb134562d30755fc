/** What a test run comes to: its exit code, and the lines to end with, of which the last is `N passed, N failed`. Pure. */
import type {TestReport} from '../test/reporter.ts'

export interface TestRun {
  readonly built: boolean
  /** Mocha came to its own end, with exit 0. */
  readonly ended: boolean
  /** What mocha counted; undefined where it left no report. */
  readonly report: TestReport | undefined
  /** Undefined where coverage was not judged. */
  readonly covered: boolean | undefined
}

/** A run without a report is one failure: the closing line must not read well. */
const NO_REPORT: TestReport = {passed: 0, failed: 1, files: 0}

export function testVerdict({built, ended, report = NO_REPORT, covered}: TestRun): {exitCode: 0 | 1; lines: string[]} {
  const {passed, failed} = report
  const faults = [
    ...(built ? [] : ['the build failed, so no test ran']),
    ...(built && report === NO_REPORT ? ['mocha left no report: it did not come to its end'] : []),
    ...(passed + failed === 0 ? ['no test ran'] : []),
    ...(built && !ended && failed === 0 ? ['mocha reported no failure but did not end well'] : []),
    ...(covered === false ? ['coverage is below what is required'] : []),
  ]
  const good = built && ended && passed > 0 && failed === 0 && faults.length === 0
  return {exitCode: good ? 0 : 1, lines: [...faults, `${passed} passed, ${failed} failed`]}
}
