/** The evidence schema as JSON Schema (draft 2020-12): one `oneOf` over the streams, shared types under `$defs`. */
import {z} from 'zod'
import {EvidenceRecord, SCHEMA_URN} from '../src/lib/evidence/schema.ts'

export function evidenceSchemaText(): string {
  const {$schema, ...rest} = z.toJSONSchema(EvidenceRecord, {target: 'draft-2020-12'})
  const schema = {
    $schema,
    $id: SCHEMA_URN,
    title: 'hipaa-ci evidence record',
    description: 'One CloudEvents 1.0 object. Stored as one line of JSON, gzipped; data is at most 64 KiB.',
    ...rest,
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}
