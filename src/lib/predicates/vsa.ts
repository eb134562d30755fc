/**
 * A verdict as a SLSA verification summary (slsa.dev/spec/v1.1/verification_summary).
 *
 * Levels are what this verifier vouches for: that of the verified provenance,
 * 0 where none was asked for, and FAILED for whatever is not verified.
 */
import {z} from 'zod'
import type {Verdict} from '../evidence/primitives.ts'

export const VERIFIER_ID = 'urn:hipaa-ci:verifier'
const SLSA_VERSION = '1.1'

export interface VsaInput {
  /** Of hipaa-ci. */
  readonly toolVersion: string
  /** RFC 3339. */
  readonly verifiedAt: string
  readonly repository: string
  /** `sha256:…` */
  readonly digest: string
  readonly policy: {readonly name: string; readonly sha256: string}
  readonly verdict: Verdict
  /** SLSA build level of the provenance. */
  readonly level: number
  /** The bundles that the verdict relied on. */
  readonly inputs: readonly VsaAttestation[]
}

export interface VsaAttestation {
  /** `sha256:…` of the referrer manifest that it lies in. */
  readonly manifest: string
  /** SHA-256 of the bundle, hex. */
  readonly bundle: string
}

export function vsaPredicate({toolVersion, verifiedAt, repository, digest, policy, verdict, level, inputs}: VsaInput): unknown {
  const passed = verdict === 'verified'
  return {
    verifier: {id: VERIFIER_ID, version: {'hipaa-ci': toolVersion}},
    timeVerified: verifiedAt,
    resourceUri: resourceUri(repository, digest),
    policy: {uri: `urn:hipaa-ci:policy:${encodeURIComponent(policy.name)}`, digest: {sha256: policy.sha256}},
    inputAttestations: inputs.map(({manifest, bundle}) => ({uri: resourceUri(repository, manifest), digest: {sha256: bundle}})),
    verificationResult: passed ? 'PASSED' : 'FAILED',
    verifiedLevels: [passed ? `SLSA_BUILD_LEVEL_${level}` : 'FAILED'],
    slsaVersion: SLSA_VERSION,
  }
}

/** An image as a package URL of type `oci`; name and repository are lower case already. */
export function resourceUri(repository: string, digest: string): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1)
  return `pkg:oci/${encodeURIComponent(name)}@${encodeURIComponent(digest)}?repository_url=${encodeURI(repository)}`
}

/** As much of one as is read back. */
export const VsaPredicate = z.looseObject({
  verifier: z.looseObject({id: z.string()}),
  timeVerified: z.iso.datetime({offset: true}),
  resourceUri: z.string(),
  policy: z.looseObject({digest: z.looseObject({sha256: z.string()})}),
  verificationResult: z.enum(['PASSED', 'FAILED']),
  verifiedLevels: z.array(z.string()),
})
export type VsaPredicate = z.infer<typeof VsaPredicate>
