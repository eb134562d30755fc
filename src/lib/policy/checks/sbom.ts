/** Does every platform carry a signed SPDX document about itself? */
import {SPDX_TYPE, type Statement} from '../../evidence/statement.ts'
import {SpdxPredicate} from '../../predicates/spdx.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, newest} from '../select.ts'

export function checkSbom(observation: Observation, policy: Policy, now: Date): Check {
  if (policy.requires?.sbom === undefined) return {name: 'sbom', state: 'not-required', message: 'the policy asks for no SBOM'}
  for (const {platform, digest} of observation.platforms) {
    const found = attestations(SPDX_TYPE, digest, observation, policy, now)
    if (found.length === 0) return {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: `no signed SBOM for ${platform}`}
    if (!newest(found, createdAt).every(({statement}) => SpdxPredicate.safeParse(statement.predicate).success))
      return {name: 'sbom', state: 'failed', reason: 'attestation.invalid', message: `the signed SBOM of ${platform} is not an SPDX document`}
  }
  return {name: 'sbom', state: 'verified', message: `signed SPDX for ${observation.platforms.map(({platform}) => platform).join(', ')}`}
}

/** What is no SPDX document has no time either, so that it counts whatever else is there. */
function createdAt({predicate}: Statement): string | undefined {
  return SpdxPredicate.safeParse(predicate).data?.creationInfo.created
}
