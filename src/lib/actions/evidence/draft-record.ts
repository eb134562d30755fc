/**
 * A record but for its place in the chain: filled in, redacted, valid. Pure.
 *
 * What redaction changed is checked against the schema again: a value that
 * cannot be rewritten within its type stops the record.
 */
import {AppError} from '../../errors.ts'
import type {CiFacts} from '../../ports/context.ts'
import type {BlobInput, RecordInput} from '../../ports/evidence-store.ts'
import {checkRecord, sha256Hex} from '../../evidence/record.ts'
import {redactBlob} from '../../evidence/redaction/blob.ts'
import {recently} from '../../evidence/redaction/recently.ts'
import {redactRecord} from '../../evidence/redaction/record.ts'
import {RULE_COUNT} from '../../evidence/redaction/rules.ts'
import type {RedactionKey} from '../../evidence/redaction/token.ts'
import {SCHEMA_URN, type BlobRecord, type EvidenceRecord} from '../../evidence/schema.ts'
import type {Stream} from '../../evidence/streams.ts'

/** What all records of a writer have in common. */
export interface Envelope {
  readonly ci: CiFacts
  readonly system: string
  readonly toolversion: string
  readonly runid: string
  readonly job: string
  /** Replaced when the record is sealed. */
  readonly time: string
  readonly key?: RedactionKey | undefined
}

export interface Draft {
  /** `id`, `time`, `seq` and `prevsha256` are not its own yet. */
  readonly record: EvidenceRecord
  /** By SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

const NO_ID = '0'.repeat(26)
/** Blobs in which nothing was found, by their digests and what they are looked at as: a server writes the same policy with every verdict. */
const clean = recently(1_000)

/** @throws AppError `record.invalid`, `redaction.failed`, `redaction.blob` */
export function draftRecord<S extends Stream>(input: RecordInput<S>, envelope: Envelope): Draft {
  const {ci, key} = envelope
  const blobs = (input.blobs ?? []).map((blob) => cleanBlob(blob, key))
  const names = blobs.map(({entry}) => entry.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new AppError('record.invalid', `two blobs are called ${twice}`)
  const record = checkRecord({
    specversion: '1.0',
    id: NO_ID,
    time: envelope.time,
    type: `hipaa-ci.${input.stream}.v1`,
    source: ci.source,
    subject: input.subject ?? `urn:hipaa-ci:run:${envelope.runid}`,
    datacontenttype: 'application/json',
    dataschema: SCHEMA_URN,
    stream: input.stream,
    runid: envelope.runid,
    job: envelope.job,
    seq: 0,
    toolversion: envelope.toolversion,
    data: {
      system: envelope.system,
      environment: input.environment ?? 'build',
      outcome: input.outcome,
      actor: ci.actor,
      change: ci.change,
      tools: input.tools ?? [],
      blobs: blobs.map(({entry}) => entry),
      redaction: {rules: RULE_COUNT, count: blobs.reduce((sum, {count}) => sum + count, 0)},
      detail: input.detail,
    },
  })
  return {record: redactRecord(record, key), blobs: new Map(blobs.map(({entry, bytes}) => [entry.sha256, bytes]))}
}

interface CleanBlob {
  readonly entry: BlobRecord
  readonly bytes: Uint8Array
  readonly count: number
}

function cleanBlob(blob: BlobInput, key: RedactionKey | undefined): CleanBlob {
  const entryOf = (bytes: Uint8Array, sha256: string): BlobRecord => ({name: blob.name, media_type: blob.mediaType, sha256, size: bytes.length})
  const given = sha256Hex(blob.bytes)
  const known = `${given} ${blob.exact ?? false} ${blob.mediaType}`
  if (clean.has(known)) return {entry: entryOf(blob.bytes, given), bytes: blob.bytes, count: 0}
  const {bytes, count} = redactBlob(blob, key)
  if (count === 0 && bytes === blob.bytes) {
    clean.add(known)
    return {entry: entryOf(bytes, given), bytes, count}
  }
  return {entry: entryOf(bytes, sha256Hex(bytes)), bytes, count}
}
