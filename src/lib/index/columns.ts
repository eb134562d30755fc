/** Columns that several tables share, out of a record. Pure. */
import {parseRecordKey} from '../evidence/key.ts'
import type {Counts, Severity} from '../evidence/primitives.ts'
import type {EvidenceRecord} from '../evidence/schema.ts'
import type {SignerId} from '../evidence/details.ts'

/** A record as it was found: its key, and the digest of its stored bytes. */
export interface FoundRecord {
  readonly key: string
  readonly sha256: string
  readonly record: EvidenceRecord
}

export function commonColumns({key, record}: FoundRecord) {
  return {
    record_id: record.id,
    dt: parseRecordKey(key)?.date ?? record.time.slice(0, 10),
    time: record.time,
    time_ms: Date.parse(record.time),
    system: record.data.system,
    environment: record.data.environment,
    outcome: record.data.outcome,
    ...subjectColumns(record.subject),
    run_id: record.runid,
  }
}

const IMAGE_URN = 'urn:hipaa-ci:image:'

/** `host/path@sha256:…` in two; an image out of a layout has a digest alone, another URN neither. */
export function subjectColumns(subject: string): {repository: string | null; digest: string | null} {
  if (subject.startsWith(IMAGE_URN)) return {repository: null, digest: subject.slice(IMAGE_URN.length)}
  const at = subject.startsWith('urn:') ? -1 : subject.lastIndexOf('@sha256:')
  return at < 0 ? {repository: null, digest: null} : {repository: subject.slice(0, at), digest: subject.slice(at + 1)}
}

/** A key is its digest, a keyless identity is its name and who vouches for it. */
export function signerColumns(signer: SignerId | undefined): {signer: string | null; signer_issuer: string | null} {
  if (signer === undefined) return {signer: null, signer_issuer: null}
  return 'spki' in signer ? {signer: `sha256:${signer.spki}`, signer_issuer: null} : {signer: signer.identity, signer_issuer: signer.issuer}
}

/** A severity that was left out was counted zero. */
export function countColumns({critical = 0, high = 0, medium = 0, low = 0, unknown = 0, error = 0, warning = 0, info = 0}: Counts): Record<Severity, number> {
  return {critical, high, medium, low, unknown, error, warning, info}
}

/** A list as text, null where it is empty. */
export function listed(items: readonly string[]): string | null {
  return items.length === 0 ? null : items.join(', ')
}
