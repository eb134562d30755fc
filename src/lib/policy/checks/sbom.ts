/** Does every platform carry a signed SPDX document about itself? */
import {SPDX_TYPE} from '../../evidence/statement.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations} from '../select.ts'

export function checkSbom(observation: Observation, policy: Policy, now: Date): Check {
  if (policy.requires?.sbom === undefined) return {name: 'sbom', state: 'not-required', message: 'the policy asks for no SBOM'}
  for (const {platform, digest} of observation.platforms) {
    const found = attestations(SPDX_TYPE, digest, observation, policy, now)
    if (found.length === 0) return {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: `no signed SBOM for ${platform}`}
    const readable = found.some(({statement}) => isSpdx(statement.predicate))
    if (!readable) return {name: 'sbom', state: 'failed', reason: 'attestation.invalid', message: `the signed SBOM of ${platform} is not an SPDX document`}
  }
  return {name: 'sbom', state: 'verified', message: `signed SPDX for ${observation.platforms.map(({platform}) => platform).join(', ')}`}
}

function isSpdx(predicate: unknown): boolean {
  const document = predicate as {spdxVersion?: unknown; packages?: unknown} | null
  return typeof document?.spdxVersion === 'string' && document.spdxVersion.startsWith('SPDX-') && Array.isArray(document.packages)
}
