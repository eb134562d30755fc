/** Where an image in an environment's own repository came from, as the promotion key has signed. Pure. */
import {subjectFor} from '../evidence/statement.ts'
import {goodSignatures} from './checks/signature.ts'
import type {Observation, Policy} from './model.ts'

/** The subject annotation of a promotion's signature. */
export const PROMOTED_FROM = 'promoted-from'

/** Repositories; none where the policy knows no promotion, or the image is not where it promotes to. */
export function promotedFrom(observation: Observation, policy: Policy, now: Date): string[] {
  if (policy.promotion === undefined || observation.repository !== policy.repository) return []
  return goodSignatures(observation, policy, now).flatMap(({statement}) => {
    const from = subjectFor(statement, observation.digest)?.annotations?.[PROMOTED_FROM]
    return typeof from === 'string' ? [from] : []
  })
}
