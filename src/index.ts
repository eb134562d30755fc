/** What other programs may import: the evidence schema and its types, the record's place in a store, and the reason table. Nothing else is public. */
export {AppError, EXIT, EXIT_MEANINGS, REASONS, type ExitCode, type ReasonCode} from './lib/errors.ts'
export {parseBlobKey, parseRecordKey, recordKey, blobKey, type RecordKeyParts} from './lib/evidence/key.ts'
export {EvidenceRecord, SCHEMA_URN, type DetailOf, type RecordOf} from './lib/evidence/schema.ts'
export {STREAMS, type Stream} from './lib/evidence/streams.ts'
