/** Does signed provenance say that a trusted builder made the image from an allowed source, with no input that nobody knows? */
import type {Requires} from '../../config/schema.ts'
import {PROVENANCE_TYPE, type Statement} from '../../evidence/statement.ts'
import {matchesGlob} from '../glob.ts'
import {KNOWN_PARAMETERS, ProvenancePredicate} from '../../predicates/provenance.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, newest} from '../select.ts'

type Fault = Pick<Check, 'reason' | 'message'>

export function checkProvenance(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.provenance
  if (required === undefined) return {name: 'provenance', state: 'not-required', message: 'the policy asks for no provenance'}
  const found = attestations(PROVENANCE_TYPE, observation.digest, observation, policy, now)
  if (found.length === 0) return {name: 'provenance', state: 'missing', reason: 'provenance.missing', message: `no signed provenance on ${observation.digest}`}
  let builder = ''
  for (const item of newest(found, finishedOn)) {
    const parsed = ProvenancePredicate.safeParse(item.statement.predicate)
    if (!parsed.success) return {name: 'provenance', state: 'failed', reason: 'attestation.invalid', message: 'the signed provenance is not SLSA provenance v1'}
    const fault = builderFault(parsed.data, item.spki, required) ?? parameterFault(parsed.data) ?? sourceFault(parsed.data, required)
    if (fault !== undefined) return {name: 'provenance', state: 'failed', ...fault}
    builder = parsed.data.runDetails.builder.id
  }
  return {name: 'provenance', state: 'verified', message: `built by ${builder}`}
}

function builderFault(predicate: ProvenancePredicate, spki: string, required: NonNullable<Requires['provenance']>): Fault | undefined {
  if (required.builders === undefined) return undefined
  const {id} = predicate.runDetails.builder
  if (required.builders.some((builder) => builder.id === id && builder.key === `sha256:${spki}`)) return undefined
  return {reason: 'provenance.builder', message: `built by ${id}, signed by key ${spki.slice(0, 12)}…, which the policy does not name together`}
}

function parameterFault(predicate: ProvenancePredicate): Fault | undefined {
  const {buildType, externalParameters} = predicate.buildDefinition
  const known = KNOWN_PARAMETERS[buildType]
  if (known === undefined) return {reason: 'provenance.parameter', message: `build type ${buildType} is not known`}
  const unknown = Object.keys(externalParameters).find((name) => !known.includes(name))
  return unknown === undefined ? undefined : {reason: 'provenance.parameter', message: `external parameter ${unknown} is not known for ${buildType}`}
}

function sourceFault(predicate: ProvenancePredicate, required: NonNullable<Requires['provenance']>): Fault | undefined {
  if (required.sources === undefined) return undefined
  const {source, workflow} = predicate.buildDefinition.externalParameters as {source?: unknown; workflow?: {repository?: unknown}}
  const from = String(workflow?.repository ?? source ?? '')
  if (required.sources.some((pattern) => matchesGlob(pattern, from))) return undefined
  return {reason: 'provenance.source', message: `built from ${from}, which the policy does not allow`}
}

function finishedOn(statement: Statement): string | undefined {
  const parsed = ProvenancePredicate.safeParse(statement.predicate)
  return parsed.success ? parsed.data.runDetails.metadata?.finishedOn : undefined
}
