/** Statements that a trusted key has signed about a synthetic image, and the policy that judges them. */
import {
  APPROVAL_TYPE,
  PROVENANCE_TYPE,
  SIGN_TYPE,
  SPDX_TYPE,
  statementBytes,
  Statement,
  TEST_RESULT_TYPE,
  VULNS_TYPE,
  type StatementInput,
} from '../../../src/lib/evidence/statement.ts'
import type {Severity} from '../../../src/lib/evidence/primitives.ts'
import type {Attached, Observation, Policy, PolicyKey} from '../../../src/lib/policy/model.ts'
import {gatePredicate, type GatePredicateInput} from '../../../src/lib/predicates/gate.ts'
import {provenancePredicate} from '../../../src/lib/predicates/provenance.ts'
import {vulnsPredicate} from '../../../src/lib/predicates/vulns.ts'

export const NOW = new Date('2026-06-15T12:00:00.000Z')
export const DIGEST = `sha256:${'d'.repeat(64)}`
export const ARM = `sha256:${'e'.repeat(64)}`
export const REPOSITORY = 'registry.example/team/app'
export const LIMITS = 'c'.repeat(64)
export const KEY: PolicyKey = {spki: 'a'.repeat(64), pem: '(not used)', status: 'active'}
export const OTHER_KEY: PolicyKey = {spki: 'b'.repeat(64), pem: '(not used)', status: 'active'}

/** Hours before NOW, or after it where negative. */
export function ago(hours: number): string {
  return new Date(NOW.getTime() - hours * 3_600_000).toISOString()
}

export function policy(requires: Policy['requires'], more: Partial<Policy> = {}): Policy {
  return {name: 'production', digest: LIMITS, keys: [KEY], ...(requires !== undefined && {requires}), ...more}
}

/** All that may be required. */
export const ALL: NonNullable<Policy['requires']> = {sbom: {}, provenance: {}, scan: {'max-age': 7 * 86_400_000}, gate: {}}

export function observation(attached: readonly Attached[], more: Partial<Observation> = {}): Observation {
  return {digest: DIGEST, repository: REPOSITORY, platforms: [{platform: 'linux/amd64', digest: DIGEST}], attached: new Map([[DIGEST, attached]]), ...more}
}

export interface Said {
  readonly spki?: string
  /** Trusted time. */
  readonly signedAt?: string
  readonly digests?: readonly string[]
  readonly annotations?: StatementInput['annotations']
}

/** A statement whose envelope has been verified. */
export function said(predicateType: string, predicate: unknown, {spki = KEY.spki, signedAt, digests = [DIGEST], annotations = {}}: Said = {}): Attached {
  const statement = Statement.parse(JSON.parse(Buffer.from(statementBytes({digests, predicateType, predicate, annotations})).toString()))
  return {state: 'verified', manifest: DIGEST, bundle: 'f'.repeat(64), signer: {spki}, ...(signedAt !== undefined && {signedAt}), statement}
}

export function signature({repository = REPOSITORY, ...more}: Said & {readonly repository?: string} = {}): Attached {
  return said(SIGN_TYPE, {}, {annotations: {repository}, ...more})
}

export function sbom(created = ago(1), more?: Said): Attached {
  return said(SPDX_TYPE, {spdxVersion: 'SPDX-2.3', creationInfo: {created, creators: []}, packages: []}, more)
}

const TOOL = {name: 'trivy', version: '0.74.0', sha256: '1'.repeat(64)}

export function scan({
  finishedAt = ago(1),
  databaseAt = finishedAt,
  findings = [],
  ...more
}: Said & {finishedAt?: string; databaseAt?: string; findings?: Severity[]} = {}): Attached {
  const tool = {...TOOL, database: {updated_at: databaseAt, sha256: '2'.repeat(64)}}
  return said(
    VULNS_TYPE,
    vulnsPredicate({tool, startedAt: finishedAt, finishedAt, findings: findings.map((severity, at) => ({id: `CVE-2026-${1000 + at}`, severity}))}),
    more,
  )
}

export function gate({decision = 'pass', decidedAt = ago(1), policy: limits = LIMITS, ...more}: Said & Partial<GatePredicateInput> = {}): Attached {
  return said(TEST_RESULT_TYPE, gatePredicate({decision, policy: limits, decidedAt, reasons: [], tools: [TOOL]}), more)
}

export const SOURCE = 'git+https://git.example/team/app@refs/heads/main'
export const BUILDER = 'urn:hipaa-ci:builder:github-actions/unverified'

export function provenance({finishedAt = ago(1), ...more}: Said & {finishedAt?: string} = {}): Attached {
  return said(PROVENANCE_TYPE, provenanceSaying(finishedAt), more)
}

export function provenanceSaying(finishedAt = ago(1)): unknown {
  const facts = {
    platform: 'github-actions',
    ci: true,
    source: 'team/app#build',
    actor: {},
    change: {repository: 'git.example/team/app', ref: 'refs/heads/main', commit: '1'.repeat(40), authors: []},
  }
  return provenancePredicate({facts, runId: '01JXS800000000000000000001', statedAt: finishedAt, toolVersion: '0.0.0', byproducts: []})
}

/** Provenance that names who wrote the change. */
export function provenanceBy(authors: readonly string[], more?: Said): Attached {
  const predicate = provenanceSaying() as {buildDefinition: {internalParameters: Record<string, unknown>}}
  const change = {authors: authors.map((id) => ({id, issuer: 'git.example', basis: 'claimed'}))}
  const buildDefinition = {...predicate.buildDefinition, internalParameters: {...predicate.buildDefinition.internalParameters, hipaa_ci_change: change}}
  return said(PROVENANCE_TYPE, {...predicate, buildDefinition}, more)
}

export function approval({
  environment = 'production',
  repository = REPOSITORY,
  approvedOn = ago(1),
  ...more
}: Said & {readonly environment?: string; readonly repository?: string; readonly approvedOn?: string} = {}): Attached {
  return said(APPROVAL_TYPE, {environment, repository, approvedOn}, more)
}

/** Attached by somebody who may push and holds no key of ours. */
export const JUNK: readonly Attached[] = [
  {state: 'failed', manifest: DIGEST, reason: 'attestation.unreadable', message: 'not a Sigstore bundle'},
  {state: 'failed', manifest: DIGEST, reason: 'signature.invalid', message: 'signature does not match', predicateType: SIGN_TYPE},
  {state: 'failed', manifest: DIGEST, reason: 'signature.wrong-key', message: 'signed by a key that is not trusted here', predicateType: SIGN_TYPE},
  {state: 'failed', manifest: DIGEST, reason: 'signature.wrong-key', message: 'signed by a key that is not trusted here', predicateType: TEST_RESULT_TYPE},
  {state: 'failed', manifest: DIGEST, reason: 'signature.wrong-key', message: 'signed by a certificate, not by a pinned key', predicateType: SPDX_TYPE},
]

/** All that ALL asks for. */
export function good(): Attached[] {
  return [signature(), sbom(), provenance(), scan(), gate()]
}
