/**
 * Does a statement say that its subject did not pass? Of the types that state a result; any other says nothing of the kind.
 *
 * A signature under a refusal is good, and what it stands under is none the better for it.
 */
import {TEST_RESULT_TYPE, VSA_TYPE, type Statement} from '../evidence/statement.ts'

/** The member that holds the result, by predicate type. What is not the word for a pass there is none. */
const RESULTS: ReadonlyMap<string, readonly [member: string, passes: readonly string[]]> = new Map([
  [VSA_TYPE, ['verificationResult', ['PASSED']]],
  [TEST_RESULT_TYPE, ['result', ['PASSED', 'WARNED']]],
])

export function saysFailed({predicateType, predicate}: Statement): boolean {
  const [member, passes] = RESULTS.get(predicateType) ?? []
  if (member === undefined || passes === undefined) return false
  const result: unknown = Object.entries(predicate ?? {}).find(([name]) => name === member)?.[1]
  return typeof result !== 'string' || !passes.includes(result)
}
