/**
 * (what was observed, what is required) -> one verdict. Pure: nothing is fetched while judging.
 */
import {EXIT, REASONS, worstExit} from '../errors.ts'
import type {Verdict} from '../evidence/primitives.ts'
import {checkApprovals} from './checks/approvals.ts'
import {checkGate} from './checks/gate.ts'
import {checkProvenance} from './checks/provenance.ts'
import {checkRevocation} from './checks/revocation.ts'
import {checkSbom} from './checks/sbom.ts'
import {checkScan} from './checks/scan.ts'
import {checkSignature} from './checks/signature.ts'
import type {Check, Judgement, Observation, Policy} from './model.ts'

/** Where the platform has a policy too, both judge, each by whom it trusts, and the worse word on a check counts. */
export function judge(observation: Observation, policy: Policy, now: Date): Judgement {
  const own = checksOf(observation, policy, now)
  const {floor} = policy
  return conclude(floor === undefined ? own : withFaultsOf(checksOf(observation, floor, now), own))
}

function checksOf(observation: Observation, policy: Policy, now: Date): Check[] {
  if (policy.requires === undefined)
    return [{name: 'signature', state: 'failed', reason: 'policy.requires-nothing', message: `environment ${policy.name} requires nothing, so nothing passes`}]
  // Every platform of none would be in order.
  if (observation.platforms.length === 0)
    return [{name: 'image', state: 'could-not-check', reason: 'image.unsupported', message: `${observation.digest} has no platform`}]
  return [
    checkSignature(observation, policy, now),
    checkSbom(observation, policy, now),
    checkProvenance(observation, policy, now),
    checkScan(observation, policy, now),
    checkGate(observation, policy, now),
    checkApprovals(observation, policy, now),
    checkRevocation(observation, now),
  ]
}

/** From the best state to the worst. */
const STATES: readonly Check['state'][] = ['not-checked', 'not-required', 'verified', 'missing', 'could-not-check', 'failed']

function withFaultsOf(floor: readonly Check[], own: readonly Check[]): Check[] {
  const worse = floor.filter(
    (check) => isFault(check) && own.every(({name, state}) => name !== check.name || STATES.indexOf(state) < STATES.indexOf(check.state)),
  )
  const names = new Set(worse.map(({name}) => name))
  return [...own.filter(({name}) => !names.has(name)), ...worse.map((check) => ({...check, message: `${check.message} (by the platform's policy)`}))]
}

function isFault({state}: Check): boolean {
  return state === 'failed' || state === 'could-not-check' || state === 'missing'
}

/**
 * One verdict and one exit code out of all checks. A definite failure is never
 * hidden, and nothing is verified without its ground.
 * @param ground the check that must be verified: the signature, or `image` where a rule approves the image as it is
 */
export function conclude(checks: readonly Check[], ground: 'signature' | 'image' = 'signature'): Judgement {
  const withFix = inOneGo(checks).map((check) => (check.reason === undefined || check.fix !== undefined ? check : {...check, fix: REASONS[check.reason].fix}))
  const verdict = verdictOf(checks, ground)
  const faults = checks.filter(isFault)
  const exitCode = worstExit(faults.map(({reason}) => (reason === undefined ? EXIT.bug : REASONS[reason].exit)))
  // A verdict that is not "verified" must never leave with 0, whatever the table says.
  return {verdict, exitCode: verdict !== 'verified' && exitCode === EXIT.ok ? EXIT.bug : exitCode, checks: withFix}
}

/** What `pipeline` makes beside the signature. */
const STEPS: readonly Check['name'][] = ['sbom', 'provenance', 'scan', 'gate']

/** Of an image that nothing was done about, the whole road is told, not each step. What strangers attach makes no difference. */
function inOneGo(checks: readonly Check[]): readonly Check[] {
  const isMissing = (wanted: Check['name']) => checks.some(({name, state}) => name === wanted && state === 'missing')
  const signature = checks.find(({name}) => name === 'signature')
  if (signature === undefined || signature.state === 'verified' || !(isMissing('sbom') && isMissing('scan') && isMissing('gate'))) return checks
  const fix = signature.fix ?? 'hipaa-ci pipeline <image>'
  return checks.map((check) => (check.state === 'missing' && (check === signature || STEPS.includes(check.name)) ? {...check, fix} : check))
}

function verdictOf(checks: readonly Check[], ground: string): Verdict {
  const states = new Set(checks.map(({state}) => state))
  if (states.has('failed')) return 'failed'
  if (states.has('could-not-check')) return 'could-not-check'
  if (states.has('missing')) return 'missing'
  return checks.some(({name, state}) => name === ground && state === 'verified') ? 'verified' : 'could-not-check'
}
