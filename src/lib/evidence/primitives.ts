/**
 * The small typed values that records are made of.
 *
 * Redaction trusts these types: a field of type digest, ULID, purl, version or
 * time cannot hold free text, so detectors skip it (`evidence/redaction`).
 */
import {z} from 'zod'

/** Lower-case SHA-256 in hex, 64 characters. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters')
  .meta({id: 'Sha256'})

/** An OCI content digest, `sha256:<hex>`. */
export const OciDigest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex>')
  .meta({id: 'OciDigest'})

/** Crockford base 32, 26 characters; the first 48 bits are milliseconds since 1970. */
export const Ulid = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a ULID')
  .meta({id: 'Ulid'})

/** UTC with milliseconds, `2026-01-02T03:04:05.678Z`. */
export const Time = z.iso.datetime({precision: 3, message: 'must be UTC with milliseconds, like 2026-01-02T03:04:05.678Z'}).meta({id: 'Time'})

export const Version = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+~_:-]{0,127}$/, 'must be a version')
  .meta({id: 'Version'})

/** A package URL (ECMA-427), `pkg:npm/lodash@4.17.21`. */
export const Purl = z
  .string()
  .max(512)
  .regex(/^pkg:[a-z][a-z0-9.+-]*\/\S+$/, 'must be a package URL')
  .meta({id: 'Purl'})

/** `linux/amd64`, `linux/arm/v7`; `unknown/unknown` where an image does not say. */
export const Platform = z
  .string()
  .max(64)
  .regex(/^[a-z0-9_.-]+\/[a-z0-9_.-]+(\/[a-z0-9_.-]+)?$/, 'must be OS/ARCH[/VARIANT]')
  .meta({id: 'Platform'})

/** A code out of a closed or well-known set; never a sentence. */
export const Code = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@#+-]{0,127}$/, 'must be a code without spaces')
  .meta({id: 'Code'})

/** A name out of somebody else's world (file, package, job, workload). Redacted. */
export const Name = z.string().min(1).max(256).meta({id: 'Name'})

/** Who acted, as the issuer calls them. Checked for credentials, not for e-mail form: an audit needs it. */
export const PrincipalId = z.string().min(1).max(256).meta({id: 'PrincipalId'})

/** An absolute URI or URN. */
export const Uri = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'must be a URI')
  .meta({id: 'Uri'})

/** Names a log for ever: a schema-less URL without spaces and plus (C2SP tlog-checkpoint). */
export const Origin = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9._~/-]+$/, 'must be a URL without a scheme, like acme.example/hipaa-evidence')
  .meta({id: 'Origin'})

/** Any JSON value: somebody else's shape, so every string in it is looked at. */
export const JsonValue = z.json().meta({id: 'JsonValue'})

export const Count = z.int().min(0).meta({id: 'Count'})

export const VERDICTS = ['verified', 'failed', 'missing', 'could-not-check'] as const

/** Four states, never collapsed. */
export const Verdict = z.enum(VERDICTS).meta({id: 'Verdict'})
export type Verdict = z.infer<typeof Verdict>

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown', 'error', 'warning', 'info'] as const
export const Severity = z.enum(SEVERITIES).meta({id: 'Severity'})
export type Severity = z.infer<typeof Severity>

/** Findings by severity. A severity that is left out was counted zero. */
export const Counts = z.partialRecord(Severity, Count).meta({id: 'Counts'})
export type Counts = z.infer<typeof Counts>
