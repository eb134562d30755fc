/** Does signed provenance say that a trusted builder made the image from an allowed source, with no input that nobody knows? */
import type {Requires} from '../../config/schema.ts'
import type {SignerId} from '../../evidence/details.ts'
import {PROVENANCE_TYPE, type Statement} from '../../evidence/statement.ts'
import {matchesGlob} from '../glob.ts'
import {parameterFault, sourceOf} from '../../predicates/build-types.ts'
import {ProvenancePredicate} from '../../predicates/provenance.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, isFuture, newest} from '../select.ts'
import {signerText} from '../signer-text.ts'

type Fault = Pick<Check, 'reason' | 'message'>

export function checkProvenance(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.provenance
  if (required === undefined) return {name: 'provenance', state: 'not-required', message: 'the policy asks for no provenance'}
  const found = attestations(PROVENANCE_TYPE, observation.digest, observation, policy, now)
  if (found.length === 0) return {name: 'provenance', state: 'missing', reason: 'provenance.missing', message: `no signed provenance on ${observation.digest}`}
  const names: string[] = []
  const levels: number[] = []
  for (const item of newest(found, finishedOn)) {
    const parsed = ProvenancePredicate.safeParse(item.statement.predicate)
    if (!parsed.success) return {name: 'provenance', state: 'failed', reason: 'attestation.invalid', message: 'the signed provenance is not SLSA provenance v1'}
    if (isFuture(finishedOn(item.statement), now))
      return {name: 'provenance', state: 'failed', reason: 'attestation.invalid', message: 'the provenance says that the build ended in the future'}
    const fault = builderFault(parsed.data, item.signer, required) ?? definitionFault(parsed.data, required)
    if (fault !== undefined) return {name: 'provenance', state: 'failed', ...fault}
    names.push(parsed.data.runDetails.builder.id)
    levels.push(provenanceLevel(parsed.data, item.signer, required) ?? 0)
  }
  const level = Math.min(...levels)
  return {name: 'provenance', state: 'verified', level, message: `built by ${names.join(', ')}, SLSA build level ${level}`}
}

/**
 * The SLSA build level that the policy gives this builder together with this key; undefined where it names no such pair.
 * A builder that no platform vouches for is level 1 at most. Where the policy names no builders, so is every other:
 * signed provenance is there, and that is all that is known.
 */
export function provenanceLevel(predicate: ProvenancePredicate, signer: SignerId, required: NonNullable<Requires['provenance']>): number | undefined {
  const {id} = predicate.runDetails.builder
  const levels = required.builders === undefined ? [1] : namedLevels(id, signer, required.builders)
  // Of two lines about the same pair the lower one counts.
  return levels.length === 0 ? undefined : Math.min(...levels, isUnverified(id) ? 1 : 3)
}

type Builders = NonNullable<NonNullable<Requires['provenance']>['builders']>

function namedLevels(id: string, signer: SignerId, builders: Builders): number[] {
  return builders.filter((builder) => builder.id === id && 'spki' in signer && builder.key === `sha256:${signer.spki}`).map(({level}) => level)
}

function isUnverified(id: string): boolean {
  return id.endsWith('/unverified')
}

function builderFault(predicate: ProvenancePredicate, signer: SignerId, {builders}: NonNullable<Requires['provenance']>): Fault | undefined {
  if (builders === undefined) return undefined
  const {id} = predicate.runDetails.builder
  const levels = namedLevels(id, signer, builders)
  if (levels.length === 0)
    return {reason: 'provenance.wrong-builder', message: `built by ${id}, signed by ${signerText(signer)}, which the policy does not name together`}
  const wanted = Math.min(...levels)
  if (isUnverified(id) && wanted > 1)
    return {reason: 'provenance.wrong-builder', message: `the policy wants level ${wanted} of ${id}, and a builder that nobody verified is level 1 at most`}
  return undefined
}

function definitionFault({buildDefinition}: ProvenancePredicate, {inputs = [], sources}: NonNullable<Requires['provenance']>): Fault | undefined {
  const parameter = parameterFault(buildDefinition, inputs)
  if (parameter !== undefined) return {reason: 'provenance.parameter', message: parameter}
  if (sources === undefined) return undefined
  const from = sourceOf(buildDefinition)
  if (from === undefined) return {reason: 'provenance.wrong-source', message: 'the provenance names no source'}
  if (sources.some((pattern) => matchesGlob(pattern, from))) return undefined
  return {reason: 'provenance.wrong-source', message: `built from ${from}, which the policy does not allow`}
}

function finishedOn(statement: Statement): string | undefined {
  const parsed = ProvenancePredicate.safeParse(statement.predicate)
  return parsed.success ? parsed.data.runDetails.metadata?.finishedOn : undefined
}
