/**
 * Every place of every record type in which a string can stand, found by walking the schemas: a new stream or a new
 * field is covered by itself.
 *
 * Promise: each site comes with a record that is valid but for what is planted there; a string whose type the walk does
 * not know how to fill fails the test.
 */
import {z} from 'zod'
import {STREAM_SCHEMAS, type EvidenceRecord} from '../../../../src/lib/evidence/schema.ts'
import {STREAMS, type Stream} from '../../../../src/lib/evidence/streams.ts'

export interface PlantSite {
  readonly stream: Stream
  readonly path: readonly (string | number)[]
  /** The type by its name in the schema; `key` where the site is the key of a record. */
  readonly type: string
  readonly record: EvidenceRecord
}

const BY_ID: Readonly<Record<string, unknown>> = {
  Sha256: 'a'.repeat(64),
  OciDigest: `sha256:${'b'.repeat(64)}`,
  Ulid: '01JXS8000000000000000000QE',
  Time: '2026-03-02T08:00:00.000Z',
  Version: '1.0.0',
  Purl: 'pkg:npm/left-pad@1.3.0',
  Platform: 'linux/amd64',
  Code: 'code',
  Name: 'name',
  PrincipalId: 'ada',
  Uri: 'https://idp.example',
  Origin: 'log.example/evidence',
  Subject: `registry.example/team/app@sha256:${'c'.repeat(64)}`,
  JsonValue: {note: 'text', list: ['text', {deep: ['text']}]},
}
const CANDIDATES = ['text', 'a'.repeat(40), '2026-03-02', 'hipaa-ci/1.0.0', '2026-03-02T08:00:00.000Z']

/** @param streams whose details; the envelope is the same for all and comes with the first */
export function plantSites(): readonly PlantSite[] {
  return STREAMS.flatMap((stream) => {
    const seen = new Set<string>()
    return samplesOf(STREAM_SCHEMAS[stream]).flatMap((sample) => {
      const record = STREAM_SCHEMAS[stream].parse(sample)
      return leavesOf(STREAM_SCHEMAS[stream], record, [])
        .filter(({path, type}) => {
          const name = `${path.map((part) => (typeof part === 'number' ? '0' : part)).join('.')} ${type}`
          return !seen.has(name) && seen.add(name)
        })
        .map((leaf) => ({...leaf, stream, record}))
    })
  })
}

/** The record with `value` in the place of what stands there; of a key, under that key. */
export function plant({record, path, type}: PlantSite, value: string): unknown {
  const copy: unknown = structuredClone(record)
  const last = path.at(-1)
  const holder = path.slice(0, -1).reduce<unknown>((at, part) => Reflect.get(Object(at), part), copy)
  if (last === undefined || typeof holder !== 'object' || holder === null) throw new Error(`nothing at ${path.join('.')}`)
  if (type === 'key') {
    Reflect.set(holder, value, Reflect.get(holder, last))
    Reflect.deleteProperty(holder, last)
  } else Reflect.set(holder, last, value)
  return copy
}

/** One value with everything in it, and one more for each choice that there is. */
function samplesOf(schema: z.core.$ZodType): unknown[] {
  const id = z.globalRegistry.get(schema)?.id
  if (id !== undefined && id in BY_ID) return [BY_ID[id]]
  if (schema instanceof z.ZodOptional) return samplesOf(schema.def.innerType)
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => samplesOf(option))
  if (schema instanceof z.ZodArray) return samplesOf(schema.def.element).map((item) => [item])
  if (schema instanceof z.ZodLiteral) return [...schema.def.values]
  if (schema instanceof z.ZodEnum) return Object.values(schema.def.entries).slice(0, 1)
  if (schema instanceof z.ZodRecord)
    return samplesOf(schema.def.keyType).flatMap((key) => samplesOf(schema.def.valueType).map((item) => ({[String(key)]: item})))
  if (schema instanceof z.ZodObject) return objectsOf(schema)
  const plain = [...CANDIDATES, 1, true].find((candidate) => z.safeParse(schema, candidate).success)
  if (plain === undefined) throw new Error(`no sample fits ${JSON.stringify(z.toJSONSchema(schema))}`)
  return [plain]
}

function objectsOf(schema: z.ZodObject<Record<string, z.core.$ZodType>>): unknown[] {
  const members = Object.entries(schema.def.shape).map(([name, member]) => [name, samplesOf(member)] as const)
  const first = Object.fromEntries(members.map(([name, [sample]]) => [name, sample]))
  return [first, ...members.flatMap(([name, samples]) => samples.slice(1).map((sample) => ({...first, [name]: sample})))]
}

function leavesOf(schema: z.core.$ZodType, value: unknown, path: readonly (string | number)[]): Omit<PlantSite, 'stream' | 'record'>[] {
  const type = z.globalRegistry.get(schema)?.id
  if (type === 'JsonValue') return jsonLeaves(value, path)
  if (schema instanceof z.ZodOptional) return value === undefined ? [] : leavesOf(schema.def.innerType, value, path)
  if (schema instanceof z.ZodUnion) {
    const option = schema.def.options.find((one) => z.safeParse(one, value).success)
    return option === undefined
      ? []
      : leavesOf(option, value, path).map((leaf) => (leaf.path.length === path.length ? {...leaf, type: type ?? leaf.type} : leaf))
  }
  if (schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum) return []
  if (typeof value === 'string') return [{path, type: type ?? 'string'}]
  if (typeof value !== 'object' || value === null) return []
  if (schema instanceof z.ZodArray && Array.isArray(value)) return value.flatMap((item: unknown, index) => leavesOf(schema.def.element, item, [...path, index]))
  const entries: [string, unknown][] = Object.entries(value)
  if (schema instanceof z.ZodRecord)
    return entries.flatMap(([key, item]) => [
      ...(isFree(schema.def.keyType) ? [{path: [...path, key], type: 'key'}] : []),
      ...leavesOf(schema.def.valueType, item, [...path, key]),
    ])
  if (!(schema instanceof z.ZodObject)) throw new Error(`the walk does not know ${path.join('.')}`)
  return entries.flatMap(([name, item]) => {
    const shape: Readonly<Record<string, z.core.$ZodType | undefined>> = schema.def.shape
    const member = shape[name]
    return member === undefined ? [] : leavesOf(member, item, [...path, name])
  })
}

/** A severity or a kind of scan is no free text. */
function isFree(keyType: z.core.$ZodType): boolean {
  return !(keyType instanceof z.ZodEnum)
}

function jsonLeaves(value: unknown, path: readonly (string | number)[]): Omit<PlantSite, 'stream' | 'record'>[] {
  if (typeof value === 'string') return [{path, type: 'JsonValue'}]
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => jsonLeaves(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => [{path: [...path, key], type: 'key'}, ...jsonLeaves(item, [...path, key])])
}
