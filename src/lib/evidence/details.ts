/**
 * What each stream's record says: one strict object per stream.
 *
 * Made of codes, digests, numbers, times and ids; no free text where a code
 * will do, and a length cap on everything. What does not fit goes to a blob.
 * Frozen at the first release: later versions only add optional members.
 */
import {z} from 'zod'
import {Code, Count, Counts, JsonValue, Name, OciDigest, Platform, PrincipalId, Severity, Sha256, Time, Ulid, Uri, Verdict} from './primitives.ts'

const list = <T extends z.ZodType>(item: T, max = 200) => z.array(item).max(max)

/** Something that a tool was asked to look at and did not. */
export const Unscanned = z.strictObject({what: Name, reason: Code}).meta({id: 'Unscanned'})
export type Unscanned = z.infer<typeof Unscanned>

/** `run`: the start declares what is to come, the end says what came. */
export const RunDetail = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('start'),
    /** Streams that are to report. */
    expected: list(Code, 64),
    /** Jobs that are to leave a run file, where they were declared. */
    jobs: list(z.strictObject({job: Code})).optional(),
    contract: Sha256.optional(),
    previous: Ulid.optional(),
  }),
  z.strictObject({
    phase: z.literal('end'),
    expected: list(Code, 64),
    /** `last` is the digest of the job's last record before this one, `count` its place; a job that wrote nothing has 0 and the start's. */
    jobs: list(z.strictObject({job: Code, count: Count, last: Sha256})),
    /** Streams that never reported, and `job:NAME` for jobs that left no run file. */
    missing: list(Code),
    /** The gate record that did not pass: signature, attestation and what else only a passed gate leads to were not owed. */
    stopped_by: Ulid.optional(),
  }),
])

export const SbomDetail = z.strictObject({
  format: z.enum(['spdx-2.3+json']),
  packages: Count,
  /** One per platform of an index; `blob` is the name under `data.blobs`. */
  platforms: list(z.strictObject({platform: Platform, digest: OciDigest.optional(), packages: Count, blob: Name}), 64),
  unscanned: list(Unscanned),
})

export const SCAN_KINDS = ['vulnerability', 'secret', 'misconfiguration', 'code'] as const
export const ScanKind = z.enum(SCAN_KINDS).meta({id: 'ScanKind'})
export type ScanKind = z.infer<typeof ScanKind>

/** `scan`: one record per kind. The findings themselves lie in the blob `findings.json`. */
export const ScanDetail = z.strictObject({
  kind: ScanKind,
  mode: z.enum(['image', 'source', 'sarif']),
  counts: Counts,
  platforms: list(z.strictObject({platform: Platform, digest: OciDigest}), 64),
  unscanned: list(Unscanned),
})

/** Why a gate decided as it did: a code, and the figures behind it. */
export const GateReason = z
  .strictObject({
    code: Code,
    kind: ScanKind.optional(),
    severity: Severity.optional(),
    count: Count.optional(),
    limit: Count.optional(),
    what: Name.optional(),
  })
  .meta({id: 'GateReason'})
export type GateReason = z.infer<typeof GateReason>

export const GateDetail = z.strictObject({
  /** SHA-256 of the canonical (RFC 8785) limits. */
  policy: Sha256,
  counts: z.partialRecord(ScanKind, Counts),
  decision: z.enum(['pass', 'fail', 'could-not-check']),
  reasons: list(GateReason),
  waivers: list(Ulid),
  /** Ids of the scan records that it judged. */
  scans: list(Ulid, 64),
})

/** A key by the SHA-256 of its SubjectPublicKeyInfo (DER), or a keyless identity. */
export const SignerId = z.union([z.strictObject({spki: Sha256}), z.strictObject({issuer: Uri, identity: PrincipalId})]).meta({id: 'SignerId'})
export type SignerId = z.infer<typeof SignerId>

/** Where the key lies. */
const CredentialKind = z.enum(['key-file', 'kms', 'keyless'])
/** How a key service knew who asked: by a token that ends by itself, or by a key that does not. */
const ServiceCredential = z.enum(['web-identity', 'assumed-role', 'instance-role', 'sso', 'access-key', 'unknown'])
export type ServiceCredential = z.infer<typeof ServiceCredential>

export const SignatureDetail = z.strictObject({
  signer: SignerId,
  repository: Name,
  credential_kind: CredentialKind,
  service_credential: ServiceCredential.optional(),
  /** A verified RFC 3161 timestamp. */
  signed_at: Time.optional(),
  /** Digests that the statement names: the index and its platforms. */
  subjects: list(OciDigest, 64),
  /** SHA-256 of the Sigstore bundle, which lies in the store as a blob. */
  bundle: Sha256,
  manifest: OciDigest,
})

export const AttestationDetail = z.strictObject({
  signer: SignerId,
  credential_kind: CredentialKind.optional(),
  service_credential: ServiceCredential.optional(),
  signed_at: Time.optional(),
  predicate_type: Uri,
  subjects: list(OciDigest, 64),
  /** SHA-256 of the in-toto statement as signed. */
  statement: Sha256,
  bundle: Sha256,
  manifest: OciDigest,
})

export const CHECK_NAMES = ['image', 'signature', 'sbom', 'provenance', 'scan', 'gate', 'approvals', 'revocation'] as const

/** One check of a verdict. `not-required` and `not-checked` are shown, never counted as passed. */
export const CheckResult = z
  .strictObject({
    name: z.enum(CHECK_NAMES),
    state: z.enum(['verified', 'failed', 'missing', 'could-not-check', 'not-required', 'not-checked']),
    reason: Code.optional(),
  })
  .meta({id: 'CheckResult'})
export type CheckResult = z.infer<typeof CheckResult>

export const VerificationDetail = z.strictObject({
  /** Digest of the environment's canonical policy. */
  policy: Sha256,
  as_of: Time,
  verdict: Verdict,
  checks: list(CheckResult, 32),
})

export const ApprovalDetail = z.strictObject({
  /** The environment that it is for. */
  to: Code,
  person: PrincipalId.optional(),
  signer: SignerId,
  statement: Sha256,
  bundle: Sha256,
  manifest: OciDigest,
})

export const PromotionDetail = z.strictObject({
  /** Repositories. */
  from: Name,
  to: Name,
  /** `was` is absent where the tag is new. */
  tags: list(z.strictObject({tag: Code, was: OciDigest.optional()}), 16),
  signer: SignerId,
  /** SHA-256 of the bundles of the signature and of the verification summary. */
  signature: Sha256,
  verification: Sha256,
  /** SHA-256 of the policy that it was verified under. */
  policy: Sha256,
  approvals: list(z.strictObject({person: PrincipalId, signer: SignerId, bundle: Sha256}), 16),
})

export const REVOCATION_REASONS = ['vulnerable', 'malicious', 'key-compromise', 'withdrawn', 'superseded'] as const

/** `publish` names the list, the others an image. */
export const RevocationDetail = z.discriminatedUnion('action', [
  z.strictObject({action: z.literal('revoke'), what: OciDigest, reason: z.enum(REVOCATION_REASONS), since: Time}),
  z.strictObject({action: z.literal('reinstate'), what: OciDigest, since: Time}),
  z.strictObject({action: z.literal('publish'), what: OciDigest, signer: SignerId, revoked: Count, since: Time}),
])

export const KeyDetail = z.strictObject({
  action: z.enum(['added', 'retired', 'compromised']),
  what: Sha256,
  /** Environments whose policy names the key. */
  environments: list(Code, 64),
  /** The first or last day of trust, UTC. */
  day: z.iso.date(),
})

export const AdmissionDetail = z.strictObject({
  cluster: Name,
  /** `request.uid` of the AdmissionReview: fresh for each webhook call. */
  uid: Name,
  user: PrincipalId,
  /** The identity in AWS behind the user (`userInfo.extra.arn`), where the cluster tells it. */
  arn: PrincipalId.optional(),
  groups: list(PrincipalId, 64),
  namespace: Name,
  /** Of the object: `Pod`, or what makes pods. */
  kind: Name,
  /** Of the object; absent where it has none yet. */
  name: Name.optional(),
  owner_chain: list(z.strictObject({kind: Name, name: Name}), 16),
  operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  subresource: Code.optional(),
  dry_run: z.boolean(),
  /**
   * What followed from the verdict. `enforce`: a refusal kept the pod out. `warn`: it ran all the same, and the person was told. `advice`: it was about
   * what makes pods, and kept nothing out. `audit`: about what runs already. `offline`: judged by hand, and no cluster asked.
   */
  mode: z.enum(['enforce', 'warn', 'advice', 'audit', 'offline']),
  /** The image as the pod names it, and where: `spec.containers[0]`. */
  image: Name,
  path: Name,
  signatures_tried: list(z.strictObject({signer: SignerId.optional(), state: Code, reason: Code.optional()}), 64),
  policy: Sha256.optional(),
  verdict: Verdict,
  reasons: list(Code, 64),
  object_uid: Name.optional(),
  /** SHA-256 of the exemption by which it was let in all the same. */
  exemption: Sha256.optional(),
})

export const DeploymentDetail = z.strictObject({
  cluster: Name.optional(),
  namespace: Name,
  workload: Name,
  previous: OciDigest.optional(),
  rollback_of: OciDigest.optional(),
})

export const TestDetail = z.strictObject({name: Name, passed: Count, failed: Count, skipped: Count})

export const QueryDetail = z.strictObject({
  name: Code,
  version: Count,
  /** SHA-256 of the SQL text. */
  sql: Sha256,
  parameters: z.record(z.string().max(64), z.string().max(256)),
  rows: Count,
  /** Newest checkpoint of the store, or `not-sealed`. */
  head: Code,
})

/** `custom`: any JSON value, valid against the JSON Schema whose digest it names. */
export const CustomDetail = z.strictObject({schema: Sha256, name: Code, value: JsonValue})
