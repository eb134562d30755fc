/** Every digest that a record speaks of: an image may be deployed by its index or by one platform of it. Pure. */
import type {EvidenceRecord} from '../evidence/schema.ts'
import {subjectColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

export function subjectRows(record: EvidenceRecord): TableRow[] {
  const {digest} = subjectColumns(record.subject)
  const digests = new Set([...(digest === null ? [] : [digest]), ...platformDigests(record)])
  return [...digests].map((subject_digest) => ({table: 'subjects', row: {record_id: record.id, stream: record.stream, subject_digest}}))
}

function platformDigests(record: EvidenceRecord): readonly string[] {
  const {stream, data} = record
  if (stream === 'sbom' || stream === 'scan') return record.data.detail.platforms.flatMap(({digest}) => digest ?? [])
  return 'subjects' in data.detail ? data.detail.subjects : []
}
