/** What an honest pipeline says of a synthetic image, as statements to sign. */
import {digestOf} from '../../src/lib/actions/policy/select-policy.ts'
import {PROVENANCE_TYPE, SIGN_TYPE, SPDX_TYPE, TEST_RESULT_TYPE, VULNS_TYPE, type StatementInput} from '../../src/lib/evidence/statement.ts'
import type {Severity} from '../../src/lib/evidence/primitives.ts'
import {gatePredicate, type GatePredicateInput} from '../../src/lib/predicates/gate.ts'
import {provenancePredicate} from '../../src/lib/predicates/provenance.ts'
import {REVOCATIONS_SUBJECT, REVOCATIONS_TYPE, revocationsPredicate, type RevokedImage} from '../../src/lib/predicates/revocations.ts'
import {vulnsPredicate} from '../../src/lib/predicates/vulns.ts'
import {NOW} from './verdict-context.ts'

const LIMITS = 'c'.repeat(64)
const TOOL = {name: 'trivy', version: '0.74.0', sha256: '1'.repeat(64)}
const FACTS = {
  platform: 'github-actions',
  ci: true,
  source: 'team/app#build',
  actor: {},
  change: {repository: 'git.example/team/app', ref: 'refs/heads/main', commit: '1'.repeat(40), authors: []},
}

/** Hours before NOW, or after it where negative. */
export function ago(hours: number): string {
  return new Date(NOW.getTime() - hours * 3_600_000).toISOString()
}

export function signatureOf(digests: readonly string[], repository: string): StatementInput {
  return {digests, predicateType: SIGN_TYPE, predicate: {}, annotations: {repository, commit: '1'.repeat(40)}}
}

export function sbomOf(digest: string): StatementInput {
  return {digests: [digest], predicateType: SPDX_TYPE, predicate: {spdxVersion: 'SPDX-2.3', creationInfo: {created: ago(1), creators: []}, packages: []}}
}

export function scanOf(
  digest: string,
  {finishedAt = ago(1), databaseAt = finishedAt, findings = []}: {finishedAt?: string; databaseAt?: string; findings?: readonly Severity[]} = {},
): StatementInput {
  const tool = {...TOOL, database: {updated_at: databaseAt, sha256: '2'.repeat(64)}}
  const found = findings.map((severity, at) => ({id: `CVE-2026-${1000 + at}`, severity}))
  return {digests: [digest], predicateType: VULNS_TYPE, predicate: vulnsPredicate({tool, startedAt: finishedAt, finishedAt, findings: found})}
}

export function gateOf(digests: readonly string[], input: Partial<GatePredicateInput> = {}): StatementInput {
  return {
    digests,
    predicateType: TEST_RESULT_TYPE,
    predicate: gatePredicate({decision: 'pass', policy: LIMITS, decidedAt: ago(1), reasons: [], tools: [TOOL], ...input}),
  }
}

/** Another test's result, of the same predicate type. */
export function codeTestOf(digests: readonly string[]): StatementInput {
  const configuration = [{name: 'semgrep', digest: {sha256: '3'.repeat(64)}, annotations: {decidedAt: ago(0)}}]
  return {digests, predicateType: TEST_RESULT_TYPE, predicate: {result: 'PASSED', configuration, passedTests: ['code'], warnedTests: [], failedTests: []}}
}

export function provenanceOf(digests: readonly string[]): StatementInput {
  const predicate = provenancePredicate({
    facts: FACTS,
    runId: '01JXS800000000000000000001',
    statedAt: ago(1),
    toolVersion: '0.0.0',
    byproducts: [],
  })
  return {digests, predicateType: PROVENANCE_TYPE, predicate}
}

/** The list as it is published; each entry as malicious since yesterday, but for what is said of it. */
export function revocationsOf(revoked: readonly (Partial<RevokedImage> & {digest: string})[], issuedAt = ago(1)): StatementInput {
  const entry = {reason: 'malicious', since: ago(24), record: '01JXS800000000000000000001'} as const
  const predicate = revocationsPredicate(
    issuedAt,
    revoked.map((each) => ({...entry, ...each})),
  )
  return {name: REVOCATIONS_SUBJECT, digests: [`sha256:${digestOf(predicate.revoked)}`], predicateType: REVOCATIONS_TYPE, predicate}
}
