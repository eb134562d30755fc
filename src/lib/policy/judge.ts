/**
 * (what was observed, what is required) -> one verdict. Pure: nothing is fetched while judging.
 */
import {EXIT, REASONS, worstExit} from '../errors.ts'
import type {Verdict} from '../evidence/primitives.ts'
import {checkGate} from './checks/gate.ts'
import {checkProvenance} from './checks/provenance.ts'
import {checkSbom} from './checks/sbom.ts'
import {checkScan} from './checks/scan.ts'
import {checkSignature} from './checks/signature.ts'
import type {Check, Judgement, Observation, Policy} from './model.ts'

export function judge(observation: Observation, policy: Policy, now: Date): Judgement {
  if (policy.requires === undefined)
    return conclude([{name: 'signature', state: 'failed', reason: 'policy.requires-nothing', message: `environment ${policy.name} requires nothing, so nothing passes`}])
  return conclude([
    checkSignature(observation.digest, observation, policy, now),
    checkSbom(observation, policy, now),
    checkProvenance(observation, policy, now),
    checkScan(observation, policy, now),
    checkGate(observation, policy, now),
    {name: 'revocation', state: 'not-checked', message: 'no revocation list is configured'},
  ])
}

/** One verdict and one exit code out of all checks; a definite failure is never hidden, and nothing checked is no pass. */
export function conclude(checks: readonly Check[]): Judgement {
  const withFix = checks.map((check) => (check.reason === undefined || check.fix !== undefined ? check : {...check, fix: REASONS[check.reason].fix}))
  const states = new Set(checks.map(({state}) => state))
  const verdict: Verdict = states.has('failed')
    ? 'failed'
    : states.has('could-not-check')
      ? 'could-not-check'
      : states.has('missing')
        ? 'missing'
        : states.has('verified')
          ? 'verified'
          : 'could-not-check'
  const exitCode = worstExit(checks.flatMap(({reason}) => (reason === undefined ? [] : [REASONS[reason].exit])))
  // A verdict that is not "verified" must never leave with 0, whatever the table says.
  return {verdict, exitCode: verdict !== 'verified' && exitCode === EXIT.ok ? EXIT.bug : exitCode, checks: withFix}
}
