/**
 * Looks at everything that the other commands need, and says what to type where something is amiss.
 *
 * Rules: one line a thing, in a fixed order; a question that fails is a line, not the end; what is not looked at is said.
 */
import {worstExit, type ExitCode} from '../../errors.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {checkAdvisories} from './diagnose-advisories.ts'
import {checkKey, checkSealing} from './diagnose-keys.ts'
import {checkCi, checkClock} from './diagnose-place.ts'
import {checkPolicies} from './diagnose-policies.ts'
import {checkConfig, checkRegistries, checkStore} from './diagnose-project.ts'
import {checkTools} from './diagnose-tools.ts'
import type {Check} from './diagnosis.ts'

export interface Diagnosis {
  /** 3 where Node, a tool, the database or the key is missing; 2 for a faulty configuration or policy, 4 for a store, registry or platform's policy out of reach. */
  readonly exitCode: ExitCode
  readonly checks: readonly Check[]
}

export async function diagnose(context: DoctorContext): Promise<Diagnosis> {
  const checks: Check[] = []
  // One after another: the tools share what they remember of each other, and the lines keep their order.
  for (const look of [checkTools, checkAdvisories, checkConfig, checkPolicies, checkStore, checkKey, checkSealing, checkRegistries, checkClock, checkCi])
    checks.push(...(await look(context)))
  return {exitCode: worstExit(checks.map(({exitCode}) => exitCode)), checks}
}
