/**
 * JUnit XML, as test runners write it, into counts. Pure.
 *
 * There is no one schema; what all share is `testcase` with `failure`, `error`
 * or `skipped` in it. Rules: cut-off or malformed XML is refused, so is a
 * document type (nothing to expand), so is a report without a test case: an
 * empty report is a runner that did not run. Where a suite claims more failures
 * than its cases show, its claim counts.
 */
import sax from 'sax'
import {AppError} from '../errors.ts'

export interface JUnitReport {
  /** Of the outermost suite that has one. */
  readonly name?: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** One element that is open, with what was found in it so far. */
interface Open {
  readonly tag: string
  failed: boolean
  skipped: boolean
  /** `failures` + `errors` as claimed here, and as found or claimed below. */
  readonly claimed: number
  below: number
}

/** @throws AppError `usage.input` */
export function parseJUnit(text: string): JUnitReport {
  const counts = {passed: 0, failed: 0, skipped: 0}
  const stack: Open[] = []
  let claimed: number | undefined
  let name: string | undefined
  const parser = sax.parser(true)
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- this parser is no event target
  parser.onerror = (error) => refuse(error.message.split('\n')[0] ?? 'malformed')
  parser.ondoctype = () => refuse('it has a document type')
  parser.onopentag = ({name: tag, attributes}) => {
    if (claimed !== undefined) refuse('it has more than one outermost element')
    if (stack.length === 0 && tag !== 'testsuites' && tag !== 'testsuite') refuse(`its outermost element is <${tag}>`)
    const parent = stack.at(-1)
    if (parent?.tag === 'testcase' && (tag === 'failure' || tag === 'error')) parent.failed = true
    if (parent?.tag === 'testcase' && tag === 'skipped') parent.skipped = true
    if (tag === 'testsuites' || tag === 'testsuite') name ??= textOf(attributes['name'])
    const isSuite = tag === 'testsuites' || tag === 'testsuite'
    stack.push({tag, failed: false, skipped: false, claimed: isSuite ? claimOf(attributes) : 0, below: 0})
  }
  parser.onclosetag = () => {
    const closed = stack.pop()
    if (closed === undefined) return
    if (closed.tag === 'testcase') counts[closed.failed ? 'failed' : closed.skipped ? 'skipped' : 'passed'] += 1
    const failures = closed.tag === 'testcase' ? Number(closed.failed) : Math.max(closed.claimed, closed.below)
    const parent = stack.at(-1)
    if (parent === undefined) claimed = failures
    else parent.below += failures
  }
  parser.write(text).close()
  if (counts.passed + counts.failed + counts.skipped === 0) refuse('it holds no test case')
  return {...(name !== undefined && {name}), ...counts, failed: Math.max(counts.failed, claimed ?? 0)}
}

function refuse(why: string): never {
  throw new AppError('usage.input', `this is not a JUnit report: ${why}`)
}

function claimOf(attributes: Readonly<Record<string, unknown>>): number {
  return ['failures', 'errors'].reduce((sum, name) => {
    const text = textOf(attributes[name]) ?? '0'
    return /^\d{1,9}$/.test(text) ? sum + Number(text) : refuse(`${name}="${text}" is not a count`)
  }, 0)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
