/** Does signed provenance say that a trusted builder made the image from an allowed source, with no input that nobody knows? */
import type {Requires} from '../../config/schema.ts'
import type {SignerId} from '../../evidence/details.ts'
import {PROVENANCE_TYPE, type Statement} from '../../evidence/statement.ts'
import {matchesGlob} from '../glob.ts'
import {KNOWN_PARAMETERS, ProvenancePredicate} from '../../predicates/provenance.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, isFuture, newest} from '../select.ts'
import {signerText} from '../signer-text.ts'

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
    if (isFuture(finishedOn(item.statement), now))
      return {name: 'provenance', state: 'failed', reason: 'attestation.invalid', message: 'the provenance says that the build ended in the future'}
    const fault = builderFault(parsed.data, item.signer, required) ?? parameterFault(parsed.data) ?? sourceFault(parsed.data, required)
    if (fault !== undefined) return {name: 'provenance', state: 'failed', ...fault}
    builder = parsed.data.runDetails.builder.id
  }
  return {name: 'provenance', state: 'verified', message: `built by ${builder}`}
}

function builderFault(predicate: ProvenancePredicate, signer: SignerId, required: NonNullable<Requires['provenance']>): Fault | undefined {
  if (required.builders === undefined) return undefined
  const {id} = predicate.runDetails.builder
  const named = required.builders.filter((builder) => builder.id === id && 'spki' in signer && builder.key === `sha256:${signer.spki}`)
  if (named.length === 0)
    return {reason: 'provenance.builder', message: `built by ${id}, signed by ${signerText(signer)}, which the policy does not name together`}
  if (id.endsWith('/unverified') && named.every(({level}) => level > 1))
    return {
      reason: 'provenance.builder',
      message: `the policy wants level ${Math.min(...named.map(({level}) => level))} of ${id}, and a builder that nobody verified is level 1 at most`,
    }
  return undefined
}

function parameterFault(predicate: ProvenancePredicate): Fault | undefined {
  const {buildType, externalParameters} = predicate.buildDefinition
  // By own name only: `constructor` is no build type.
  const known = Object.hasOwn(KNOWN_PARAMETERS, buildType) ? KNOWN_PARAMETERS[buildType] : undefined
  if (known === undefined) return {reason: 'provenance.parameter', message: `build type ${buildType} is not known`}
  const unknown = Object.keys(externalParameters).find((name) => !known.includes(name))
  return unknown === undefined ? undefined : {reason: 'provenance.parameter', message: `external parameter ${unknown} is not known for ${buildType}`}
}

function sourceFault(predicate: ProvenancePredicate, required: NonNullable<Requires['provenance']>): Fault | undefined {
  if (required.sources === undefined) return undefined
  const {source, workflow} = predicate.buildDefinition.externalParameters as {source?: unknown; workflow?: {repository?: unknown} | null}
  const from = workflow?.repository ?? source
  if (typeof from !== 'string' || from === '') return {reason: 'provenance.source', message: 'the provenance names no source'}
  if (required.sources.some((pattern) => matchesGlob(pattern, from))) return undefined
  return {reason: 'provenance.source', message: `built from ${from}, which the policy does not allow`}
}

function finishedOn(statement: Statement): string | undefined {
  const parsed = ProvenancePredicate.safeParse(statement.predicate)
  return parsed.success ? parsed.data.runDetails.metadata?.finishedOn : undefined
}
