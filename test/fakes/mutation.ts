/**
 * Changes a found signature by chance: bits, bytes, and the JSON and base64 in it.
 *
 * Promise: the same numbers make the same change, the input is left as it is, and three of four changes to JSON are ones
 * that a parser does not notice.
 */
import type {FoundSignature} from '../../src/lib/ports/signatures.ts'

/** One change, as numbers of any size: which part, how, where, and by what. */
export interface Mutation {
  readonly part: number
  readonly how: number
  readonly where: number
  readonly value: number
}

/** @param other a good signature of the same form, to exchange parts with */
export function mutate(found: FoundSignature, other: FoundSignature, mutation: Mutation): FoundSignature {
  if (found.form === 'bundle') return {form: 'bundle', bytes: mutateJson(found.bytes, bytesOf(other), mutation)}
  const names = Object.keys(found.annotations)
  const chosen = names[mutation.part % (2 * names.length)]
  if (chosen !== undefined)
    return {...found, annotations: {...found.annotations, ...mutateAnnotation(found.annotations, annotationsOf(other), chosen, mutation)}}
  const bytes = mutateJson(bytesOf(found), bytesOf(other), mutation)
  return found.form === 'envelope' ? {...found, envelope: bytes} : {...found, payload: bytes}
}

type Json = string | number | boolean | null | Json[] | {[name: string]: Json}

function mutateAnnotation(annotations: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>, name: string, mutation: Mutation) {
  const text = annotations[name] ?? ''
  if (text.startsWith('{')) return {[name]: Buffer.from(mutateJson(Buffer.from(text), Buffer.from(others[name] ?? '{}'), mutation)).toString('latin1')}
  const ways = [
    () => ({[name]: others[name] ?? ''}),
    () => ({[name]: turnBase64(text, mutation)}),
    () => ({[name]: Buffer.from(turnByte(Buffer.from(text), mutation)).toString('latin1')}),
    () => ({[name]: ''}),
    () => ({[name]: text + text}),
  ]
  return ways[mutation.how % ways.length]?.() ?? {}
}

/** Bytes of JSON, changed as bytes or as what they mean. */
function mutateJson(bytes: Uint8Array, other: Uint8Array, mutation: Mutation): Uint8Array {
  const ways = [turnBit, turnByte, cutOff, insertByte, ...Array.from({length: 12}, () => undefined)]
  const way = ways[mutation.how % ways.length]
  if (way !== undefined) return way(Buffer.from(bytes), mutation)
  const [json, foreign] = [JSON.parse(Buffer.from(bytes).toString()) as Json, JSON.parse(Buffer.from(other).toString()) as Json]
  return Buffer.from(
    JSON.stringify(mutateValue(json, foreign, mutation))
      .replaceAll('"@@proto@@"', '"__proto__"')
      .replaceAll('"@@huge@@"', '1e400'),
  )
}

type Path = readonly (string | number)[]

function mutateValue(json: Json, foreign: Json, {how, where, value}: Mutation): Json {
  const paths = pathsOf(json)
  const path = paths[where % paths.length] ?? []
  const second = paths[value % paths.length] ?? []
  const here = at(json, path)
  const there = at(foreign, path)
  const set = (changed: Json | undefined) => replaced(json, path, changed)
  const ways: (() => Json)[] = [
    () => set(undefined),
    () => (there === undefined ? set(null) : set(there)),
    () => (typeof here === 'string' ? set(turnBase64(here, {part: 0, how, where, value})) : set([])),
    () => (Array.isArray(here) ? set([...here, ...here]) : set([here ?? null])),
    () => replaced(set(at(json, second) ?? null), second, here ?? null),
    () => set(typeof here === 'string' ? value : String(value)),
    () => set('@@huge@@'),
    () => set(nested(here ?? null, value % 100)),
    () => set({'@@proto@@': here ?? null, constructor: here ?? null}),
    () => set(typeof here === 'object' && here !== null && !Array.isArray(here) ? {...here, '@@proto@@': there ?? null, toString: null} : {}),
    () => set(typeof here === 'string' ? here.slice(0, value % (here.length + 1)) : null),
    () => set(typeof here === 'string' ? `${here}${String.fromCodePoint(value % 0xd800)}` : true),
  ]
  return ways[Math.floor(how / 16) % ways.length]?.() ?? json
}

/** Of every value but the outermost. */
function pathsOf(json: Json | undefined, path: Path = []): Path[] {
  if (typeof json !== 'object' || json === null) return [path]
  const inner = Array.isArray(json)
    ? json.map((each, index) => pathsOf(each, [...path, index]))
    : Object.entries(json).map(([name, each]) => pathsOf(each, [...path, name]))
  return path.length === 0 ? inner.flat() : [path, ...inner.flat()]
}

function at(json: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, name) => (typeof value === 'object' && value !== null ? (value as Record<string | number, Json>)[name] : undefined),
    json,
  )
}

/** A copy with another value at `path`; undefined takes it away. */
function replaced(json: Json, [name, ...rest]: Path, changed: Json | undefined): Json {
  if (name === undefined) return changed ?? null
  if (typeof json !== 'object' || json === null) return json
  const copy = structuredClone(json) as Record<string | number, Json>
  const inner = copy[name]
  if (rest.length > 0) copy[name] = inner === undefined ? null : replaced(inner, rest, changed)
  else if (changed !== undefined) copy[name] = changed
  else if (Array.isArray(copy)) copy.splice(Number(name), 1)
  else delete copy[name]
  return copy
}

function nested(json: Json, depth: number): Json {
  return depth === 0 ? json : [nested(json, depth - 1)]
}

/** One bit of what base64 text stands for. */
function turnBase64(text: string, {where, value}: Mutation): string {
  const bytes = Buffer.from(text, 'base64')
  return bytes.byteLength === 0 ? `${text}A` : Buffer.from(turnBit(bytes, {part: 0, how: 0, where: value, value: where})).toString('base64')
}

function turnBit(bytes: Buffer, {where, value}: Mutation): Uint8Array {
  bytes[where % bytes.byteLength] = (bytes[where % bytes.byteLength] ?? 0) ^ (1 << (value % 8))
  return bytes
}

function turnByte(bytes: Buffer, {where, value}: Mutation): Uint8Array {
  bytes[where % bytes.byteLength] = value % 256
  return bytes
}

function cutOff(bytes: Buffer, {where}: Mutation): Uint8Array {
  return bytes.subarray(0, where % bytes.byteLength)
}

function insertByte(bytes: Buffer, {where, value}: Mutation): Uint8Array {
  const position = where % bytes.byteLength
  return Buffer.concat([bytes.subarray(0, position), Buffer.of(value % 256), bytes.subarray(position)])
}

function bytesOf(found: FoundSignature): Uint8Array {
  return found.form === 'bundle' ? found.bytes : found.form === 'envelope' ? found.envelope : found.payload
}

function annotationsOf(found: FoundSignature): Readonly<Record<string, string>> {
  return found.form === 'bundle' ? {} : found.annotations
}
