/**
 * in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) and the predicate types that we sign and read.
 *
 * Building is pure; the bytes that come out are the bytes that get signed.
 */
import {z} from 'zod'

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** What Cosign 3 itself signs for an image: only this counts as its signature. */
export const SIGN_TYPE = 'https://sigstore.dev/cosign/sign/v1'
export const SPDX_TYPE = 'https://spdx.dev/Document'
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1'
export const VULNS_TYPE = 'https://in-toto.io/attestation/vulns/v0.2'
export const TEST_RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'
export const VSA_TYPE = 'https://slsa.dev/verification_summary/v1'
/** Documented in docs/predicates/approval.md. */
export const APPROVAL_TYPE = 'urn:hipaa-ci:approval:1'

/** A resource by digest (in-toto ResourceDescriptor); we name SHA-256 only. */
export const StatementSubject = z.looseObject({
  name: z.string().optional(),
  digest: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.unknown()).optional(),
})
export type StatementSubject = z.infer<typeof StatementSubject>

/** Statement v0.1 is read too: Cosign's own `attest` still writes it. */
export const Statement = z.looseObject({
  _type: z.enum([STATEMENT_TYPE, 'https://in-toto.io/Statement/v0.1']),
  subject: z.array(StatementSubject).min(1),
  predicateType: z.string().min(1),
  predicate: z.unknown(),
})
export type Statement = z.infer<typeof Statement>

export interface StatementInput {
  /** What the subjects are called, where a digest alone says too little. */
  readonly name?: string
  /** `sha256:<hex>`, the first being what the statement is attached to. */
  readonly digests: readonly string[]
  readonly predicateType: string
  readonly predicate: unknown
  /** Signed facts about every subject: `repository`, `source`, `commit`, `run`. Undefined ones are left out. */
  readonly annotations?: Readonly<Record<string, string | undefined>>
}

/** UTF-8 JSON of a Statement v1. */
export function statementBytes(input: StatementInput): Uint8Array {
  const annotations = Object.fromEntries(Object.entries(input.annotations ?? {}).filter(([, value]) => value !== undefined))
  const subject = input.digests.map((digest) => ({
    ...(input.name !== undefined && {name: input.name}),
    digest: {sha256: digest.replace(/^sha256:/, '')},
    ...(Object.keys(annotations).length > 0 && {annotations}),
  }))
  return Buffer.from(JSON.stringify({_type: STATEMENT_TYPE, subject, predicateType: input.predicateType, predicate: input.predicate}))
}

/** The subject of `statement` that is `digest`; undefined where it is about something else. */
export function subjectFor(statement: Statement, digest: string): StatementSubject | undefined {
  return statement.subject.find((subject) => `sha256:${subject.digest['sha256'] ?? ''}` === digest)
}
