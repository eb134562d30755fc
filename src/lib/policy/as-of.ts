/**
 * The image as it was at an earlier time: what was stated later is left out, and what could have been by a key that is over.
 *
 * When something was stated is the trusted time of its signature, else the time
 * inside the signed predicate. A signature without either stays: nothing says
 * that it is later. What says that it is from the future of this very moment
 * stays too, whatever time is asked about: it is a lie, and is judged as one.
 */
import {APPROVAL_TYPE, PROVENANCE_TYPE, SPDX_TYPE, TEST_RESULT_TYPE, VSA_TYPE, VULNS_TYPE, type Statement} from '../evidence/statement.ts'
import {ApprovalPredicate} from '../predicates/approval.ts'
import {readGate} from '../predicates/gate.ts'
import {ProvenancePredicate} from '../predicates/provenance.ts'
import {SpdxPredicate} from '../predicates/spdx.ts'
import {VsaPredicate} from '../predicates/vsa.ts'
import {VulnsPredicate} from '../predicates/vulns.ts'
import type {Attached, Observation, Policy, PolicyKey} from './model.ts'
import {instant, isFuture} from './select.ts'

export interface Clocks {
  /** The time that is asked about. */
  readonly asOf: Date
  readonly now: Date
}

export function seenAsOf(observation: Observation, {asOf, now}: Clocks): Observation {
  if (asOf >= now) return observation
  const attached = [...observation.attached].map(([digest, items]) => [digest, items.filter((item) => !isLater(item, {asOf, now}))] as const)
  return {...observation, attached: new Map(attached)}
}

/**
 * The policy with each key that is over by now retired, whatever time is asked about: what it signed without a trusted
 * time may have been signed since then, by whoever has the key now.
 */
export function trustedAsOf(policy: Policy, {asOf, now}: Clocks): Policy {
  if (asOf >= now) return policy
  const today = now.toISOString().slice(0, 10)
  const isOver = ({status, until}: PolicyKey) => status === 'active' && until !== undefined && until < today
  return {...policy, keys: policy.keys.map((key) => (isOver(key) ? {...key, status: 'retired'} : key))}
}

function isLater(item: Attached, {asOf, now}: Clocks): boolean {
  if (item.state === 'failed') return false
  const time = item.signedAt ?? statedAt(item.statement)
  const at = instant(time)
  return at !== undefined && at > asOf.getTime() && !isFuture(time, now)
}

/** By predicate type. */
const TIMES: Readonly<Record<string, (predicate: unknown) => string | undefined>> = {
  [SPDX_TYPE]: (predicate) => SpdxPredicate.safeParse(predicate).data?.creationInfo.created,
  [PROVENANCE_TYPE]: (predicate) => ProvenancePredicate.safeParse(predicate).data?.runDetails.metadata?.finishedOn,
  [VULNS_TYPE]: (predicate) => VulnsPredicate.safeParse(predicate).data?.metadata.scanFinishedOn,
  [VSA_TYPE]: (predicate) => VsaPredicate.safeParse(predicate).data?.timeVerified,
  [APPROVAL_TYPE]: (predicate) => ApprovalPredicate.safeParse(predicate).data?.approvedOn,
  [TEST_RESULT_TYPE]: (predicate) => {
    const gate = readGate(predicate)
    return typeof gate === 'string' ? undefined : gate.decidedAt
  },
}

/** The time inside the predicate; undefined where it has none that can be read. */
/** The time inside what was signed; undefined where its type has none, or it does not say. */
export function statedAt({predicateType, predicate}: Statement): string | undefined {
  return Object.hasOwn(TIMES, predicateType) ? TIMES[predicateType]?.(predicate) : undefined
}
