/**
 * What `npm test` shows while mocha runs: one line a file as it ends, then the failures in full, then the slowest tests.
 *
 * The counts go to the file that the option `report` names; `scripts/test.ts`
 * takes the closing line from there. Times are shown, never judged.
 */
import {writeFileSync} from 'node:fs'
import {relative} from 'node:path'
import process from 'node:process'
import Mocha from 'mocha'
import {z} from 'zod'

const {EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS} = Mocha.Runner.constants
const SLOWEST = 10
const LINGER_MS = 20_000

const Options = z.looseObject({report: z.string().optional()}).default({})
/** What `scripts/test.ts` reads. */
export const TestReport = z.strictObject({passed: z.int(), failed: z.int(), files: z.int()})
export type TestReport = z.infer<typeof TestReport>

interface FileTally {
  readonly file: string
  /** Milliseconds of its tests, their hooks left out. */
  time: number
  passed: number
  failed: number
}

export default class Reporter {
  readonly #failures: Mocha.Test[] = []
  readonly #passes: Mocha.Test[] = []
  #current: FileTally | undefined
  #files = 0

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.parent?.root === true && suite.file !== undefined) this.#enter(suite.file)
    })
    runner.on(EVENT_TEST_PASS, (test) => {
      this.#tally(test).passed++
      this.#passes.push(test)
    })
    runner.on(EVENT_TEST_FAIL, (test, error: unknown) => {
      this.#tally(test).failed++
      test.err = error instanceof Error ? error : new Error(wordsOf(error))
      this.#failures.push(test)
    })
    runner.once(EVENT_RUN_END, () => this.#finish(Options.parse(options.reporterOptions).report))
  }

  #tally(test: Mocha.Runnable): FileTally {
    const tally = this.#enter(test.file ?? '(no file)')
    tally.time += test.duration ?? 0
    return tally
  }

  #enter(file: string): FileTally {
    if (this.#current?.file === file) return this.#current
    this.#leave()
    this.#files++
    if (process.stdout.isTTY) process.stdout.write(`  …                       ${shown(file)}`)
    this.#current = {file, time: 0, passed: 0, failed: 0}
    return this.#current
  }

  #leave(): void {
    if (this.#current === undefined) return
    const {file, time: total, passed, failed} = this.#current
    const counts = failed === 0 ? String(passed) : `${failed} of ${passed + failed}`
    const time = `${(total / 1000).toFixed(1)} s`
    if (process.stdout.isTTY) process.stdout.write('\r\u001B[2K')
    process.stdout.write(`${failed === 0 ? '  ok  ' : '  FAIL'} ${counts.padStart(9)} ${time.padStart(8)}  ${shown(file)}\n`)
    this.#current = undefined
  }

  #finish(path: string | undefined): void {
    this.#leave()
    if (this.#failures.length > 0) Mocha.reporters.Base.list(this.#failures)
    this.#listSlowest()
    const report: TestReport = {passed: this.#passes.length, failed: this.#failures.length, files: this.#files}
    if (path !== undefined) writeFileSync(path, JSON.stringify(report))
    // A server or child that a test left open would otherwise hold the run for ever, and nobody would know which.
    setTimeout(() => {
      process.stderr.write(`tests left open: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(1)
    }, LINGER_MS).unref()
  }

  #listSlowest(): void {
    const slowest = [...this.#passes, ...this.#failures].toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0)).slice(0, SLOWEST)
    if (slowest.length === 0) return
    process.stdout.write('\nslowest tests\n')
    for (const test of slowest) {
      process.stdout.write(`  ${((test.duration ?? 0) / 1000).toFixed(2).padStart(7)} s  ${test.fullTitle()}\n`)
    }
    process.stdout.write('\n')
  }
}

function shown(file: string): string {
  return relative(process.cwd(), file)
}

/** Errors come as plain objects where a file ran in a process of its own. */
function wordsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const {message, stack} = error as {message?: unknown; stack?: unknown}
  return typeof stack === 'string' ? stack : typeof message === 'string' ? message : JSON.stringify(error)
}
