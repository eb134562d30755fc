/**
 * The evidence record: one CloudEvents 1.0 object, one discriminated union on `type`.
 *
 * Every type is inferred from here, and `schemas/evidence-1.json` is generated
 * from here. Members stand in the order in which they are written.
 */
import {z} from 'zod'
import * as admission from './admission-details.ts'
import * as details from './details.ts'
import * as store from './store-details.ts'
import {Code, Count, Name, PrincipalId, Sha256, Time, Ulid, Version} from './primitives.ts'
import type {Stream} from './streams.ts'

export const SCHEMA_URN = 'urn:hipaa-ci:schema:evidence:1'

/** How an actor is known: only `claimed` is somebody's bare word. */
const Basis = z.enum(['token', 'signature', 'ci-api', 'claimed'])
export const Principal = z.strictObject({id: PrincipalId, issuer: Name, basis: Basis}).meta({id: 'Principal'})
export type Principal = z.infer<typeof Principal>

export const Actor = z.strictObject({human: Principal.optional(), workload: Principal.optional()}).meta({id: 'Actor'})
export type Actor = z.infer<typeof Actor>

export const Change = z
  .strictObject({
    repository: Name.optional(),
    commit: z
      .string()
      .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
      .optional(),
    ref: Name.optional(),
    ticket: Code.optional(),
    authors: z.array(Principal).max(64),
  })
  .meta({id: 'Change'})
export type Change = z.infer<typeof Change>

export const ToolRecord = z
  .strictObject({
    name: Code,
    version: Version,
    /** Digest of the binary, or of the entry script where there is none. */
    sha256: Sha256,
    database: z.strictObject({updated_at: Time, sha256: Sha256}).optional(),
  })
  .meta({id: 'ToolRecord'})
export type ToolRecord = z.infer<typeof ToolRecord>

export const BlobRecord = z.strictObject({name: Name, media_type: z.string().max(128), sha256: Sha256, size: Count}).meta({id: 'BlobRecord'})
export type BlobRecord = z.infer<typeof BlobRecord>

export const OUTCOMES = ['pass', 'fail', 'warn', 'error'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** `<repository>@sha256:<hex>`, or a URN where there is no image. */
export const Subject = z
  .string()
  .max(512)
  .regex(/^(?:[a-z0-9][a-z0-9._\-/:[\]]*@sha256:[0-9a-f]{64}|urn:hipaa-ci:[a-z-]+:\S+)$/, 'must be REPOSITORY@sha256:<hex> or urn:hipaa-ci:…')
  .meta({id: 'Subject'})

const record = <S extends string, D extends z.ZodType>(stream: S, detail: D) =>
  z.strictObject({
    specversion: z.literal('1.0'),
    id: Ulid,
    time: Time,
    type: z.literal(`hipaa-ci.${stream}.v1`),
    source: Name,
    subject: Subject,
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(SCHEMA_URN),
    stream: z.literal(stream),
    runid: Ulid,
    job: Code,
    seq: z.int().min(0),
    /** Digest of the job's previous record; the run's start record stands before seq 1. Absent on a start and where there was none. */
    prevsha256: Sha256.optional(),
    toolversion: Version.or(z.string().regex(/^hipaa-ci\/[0-9A-Za-z.+-]+$/)),
    data: z.strictObject({
      system: Name,
      environment: Code,
      outcome: z.enum(OUTCOMES),
      actor: Actor,
      change: Change,
      tools: z.array(ToolRecord).max(16),
      blobs: z.array(BlobRecord).max(256),
      redaction: z.strictObject({rules: Count, count: Count}),
      detail,
    }),
  })

export const STREAM_SCHEMAS = {
  run: record('run', details.RunDetail),
  sbom: record('sbom', details.SbomDetail),
  scan: record('scan', details.ScanDetail),
  gate: record('gate', details.GateDetail),
  signature: record('signature', details.SignatureDetail),
  attestation: record('attestation', details.AttestationDetail),
  verification: record('verification', details.VerificationDetail),
  approval: record('approval', details.ApprovalDetail),
  promotion: record('promotion', details.PromotionDetail),
  revocation: record('revocation', details.RevocationDetail),
  key: record('key', details.KeyDetail),
  hold: record('hold', store.HoldDetail),
  'store-audit': record('store-audit', store.StoreAuditDetail),
  delivery: record('delivery', store.DeliveryDetail),
  admission: record('admission', details.AdmissionDetail),
  enforcement: record('enforcement', admission.EnforcementDetail),
  canary: record('canary', admission.CanaryDetail),
  'break-glass': record('break-glass', admission.BreakGlassDetail),
  reconciliation: record('reconciliation', admission.ReconciliationDetail),
  deployment: record('deployment', details.DeploymentDetail),
  test: record('test', details.TestDetail),
  query: record('query', details.QueryDetail),
  custom: record('custom', details.CustomDetail),
} as const satisfies Record<Stream, z.ZodType>

const s = STREAM_SCHEMAS
export const EvidenceRecord = z.discriminatedUnion('type', [
  s.run,
  s.sbom,
  s.scan,
  s.gate,
  s.signature,
  s.attestation,
  s.verification,
  s.approval,
  s.promotion,
  s.revocation,
  s.key,
  s.hold,
  s['store-audit'],
  s.delivery,
  s.admission,
  s.enforcement,
  s.canary,
  s['break-glass'],
  s.reconciliation,
  s.deployment,
  s.test,
  s.query,
  s.custom,
])
export type EvidenceRecord = z.infer<typeof EvidenceRecord>

/** The record of one stream. */
export type RecordOf<S extends Stream> = Extract<EvidenceRecord, {stream: S}>
export type DetailOf<S extends Stream> = RecordOf<S>['data']['detail']

/** Limit on `data` as JSON; what is larger belongs in a blob. */
export const MAX_DATA_BYTES = 64 * 1024
