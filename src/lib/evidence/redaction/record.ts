/**
 * A record through the detectors, field by field, as its schema types them.
 *
 * Rules: a field of type digest, ULID or time is not looked at; a principal for
 * credentials and identifiers only, because an audit needs to know who; all other
 * strings are rewritten. What then no longer fits its type (a code, a version, a
 * name used as key, a number that stands for a person)
 * cannot be rewritten and stops the record. A shape that this file does not
 * know stops it too.
 */
import {z} from 'zod'
import {AppError} from '../../errors.ts'
import {STREAM_SCHEMAS, type EvidenceRecord} from '../schema.ts'
import {redactJson, type JsonHit} from './json-value.ts'
import {redactKnownText} from './known-text.ts'
import type {Rule} from './rule.ts'
import {RULES, rulesOfKinds} from './rules.ts'
import type {RedactionKey} from './token.ts'

const NEVER_TEXT = new Set(['Sha256', 'OciDigest', 'Ulid', 'Time'])
/** Who acted, as the issuer calls them: an e-mail address often. */
const PRINCIPALS = new Set(['PrincipalId'])
const HARD_RULES = rulesOfKinds(['credential', 'identifier'])

interface Walk {
  readonly key: RedactionKey | undefined
  readonly hits: JsonHit[]
}

/** @throws AppError `redaction.failed` naming field and rule, never the value */
export function redactRecord(record: EvidenceRecord, key: RedactionKey | undefined): EvidenceRecord {
  const schema: z.ZodType<EvidenceRecord> = STREAM_SCHEMAS[record.stream]
  const walk: Walk = {key, hits: []}
  const clean = visit(schema, record, [], walk)
  if (walk.hits.length === 0) return record
  const parsed = schema.safeParse(clean)
  if (!parsed.success) throw cannotRewrite(walk.hits, parsed.error)
  parsed.data.data.redaction.count += walk.hits.length
  return parsed.data
}

function visit(schema: z.core.$ZodType, value: unknown, path: readonly string[], walk: Walk): unknown {
  const id = z.globalRegistry.get(schema)?.id
  if (id === 'JsonValue') return redactJson(value, path, walk.key, walk.hits)
  if (schema instanceof z.ZodOptional) return value === undefined ? undefined : visit(schema.def.innerType, value, path, walk)
  if (schema instanceof z.ZodUnion) {
    const option = schema.def.options.find((one) => z.safeParse(one, value).success)
    if (option !== undefined) return visit(option, value, path, walk)
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item: unknown, index) => visit(schema.def.element, item, [...path, String(index)], walk))
  }
  // Its keys are somebody's own words: they give context to the values, and cannot be rewritten.
  if (schema instanceof z.ZodRecord && schema.def.valueType instanceof z.ZodString) return redactJson(value, path, walk.key, walk.hits)
  if ((schema instanceof z.ZodObject || schema instanceof z.ZodRecord) && typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]: [string, unknown]) => [name, visit(memberOf(schema, name), item, [...path, name], walk)]),
    )
  }
  if (schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum || typeof value === 'boolean') return value
  // A count cannot be rewritten; what is found in one (a card) stops the record.
  if (typeof value === 'number') return redactJson(value, path, walk.key, walk.hits)
  if (typeof value === 'string') return visitString(value, id, path, walk)
  throw new AppError('bug', `redaction does not know the type of ${path.join('.')}`)
}

function memberOf(schema: z.ZodObject<Record<string, z.core.$ZodType>> | z.ZodRecord, name: string): z.core.$ZodType {
  const member = schema instanceof z.ZodRecord ? schema.def.valueType : schema.def.shape[name]
  if (member === undefined) throw new AppError('bug', `redaction does not find the type of ${name}`)
  return member
}

function visitString(value: string, id: string | undefined, path: readonly string[], walk: Walk): string {
  if (id !== undefined && NEVER_TEXT.has(id)) return value
  const {text, hits} = redactKnownText(value, rulesFor(id), walk.key)
  walk.hits.push(...hits.map((rule) => ({path, rule})))
  return text
}

function rulesFor(id: string | undefined): readonly Rule[] {
  return id !== undefined && PRINCIPALS.has(id) ? HARD_RULES : RULES
}

function cannotRewrite(hits: readonly JsonHit[], error: z.ZodError): AppError {
  const broken = new Set(error.issues.map(({path}) => path.join('.')))
  const hit = hits.find(({path}) => broken.has(path.join('.'))) ?? hits[0]
  return new AppError('redaction.failed', `${hit?.path.join('.')} holds what looks like a secret or PHI (rule ${hit?.rule}) and cannot be rewritten`)
}
