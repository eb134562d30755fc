/**
 * Reads JSON that a stranger wrote.
 *
 * Depth, number of values and size are bounded before anything is built from
 * them. One kind of text may be long, base64: it stays where it lies until it
 * is decoded, because a large attestation must not be in memory three times.
 */
import {isUtf8} from 'node:buffer'
import {decodeBase64} from './base64.ts'

/** A bundle has a depth of about eight, and some hundred values. */
const MAX_DEPTH = 32
const MAX_VALUES = 20_000
/** Of everything but long texts. */
const MAX_BYTES = 2 * 1024 * 1024
const LONG_TEXT = 256 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = [0x7b, 0x5b]
const CLOSING = [0x7d, 0x5d]
const COMMA = 0x2c

export interface BoundedJson {
  /** With a stand-in for every long text. */
  readonly json: unknown
  /** Decodes a text of `json`, long or not; undefined where it is not base64. */
  readonly decode: (text: string) => Buffer | undefined
}

/** Undefined where `bytes` are not JSON, or more than anything honest is. */
export function readBoundedJson(bytes: Uint8Array): BoundedJson | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long: Buffer[] = []
  const rest = withoutLongTexts(source, long)
  if (rest === undefined || rest.byteLength > MAX_BYTES) return undefined
  const json = parseJson(textOf(rest) ?? '')
  if (json === undefined) return undefined
  return {json, decode: (text) => decodeBase64(long[standInNumber(text)] ?? Buffer.from(text))}
}

/** Undefined where `bytes` are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined
}

/** Undefined where `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The own member of an object; undefined of anything else. */
export function member(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Object.getOwnPropertyDescriptor(json, name)?.value : undefined
}

/** Texts that are cut out are added to `long`. Undefined where a bound is exceeded. */
function withoutLongTexts(source: Buffer, long: Buffer[]): Buffer | undefined {
  const kept: Buffer[] = []
  let from = 0
  let cut = 0
  let depth = 0
  let values = 0
  for (let at = 0; at < source.byteLength; at++) {
    const byte = source[at] ?? 0
    if (byte === QUOTE) {
      const end = closingQuote(source, at + 1)
      const text = source.subarray(at + 1, end)
      if (text.byteLength > LONG_TEXT && !text.includes(BACKSLASH)) {
        kept.push(source.subarray(from, at), Buffer.from(`"${standIn(long.push(text) - 1)}"`))
        from = end + 1
        cut += text.byteLength
      }
      at = end
    } else if (OPENING.includes(byte)) {
      values++
      if (++depth > MAX_DEPTH) return undefined
    } else if (CLOSING.includes(byte)) {
      depth--
    } else if (byte === COMMA) {
      values++
    }
    if (values > MAX_VALUES || at - cut > MAX_BYTES) return undefined
  }
  return Buffer.concat([...kept, source.subarray(from)])
}

/** Index of the quote that ends the text which begins at `start`; the end where there is none. */
function closingQuote(source: Buffer, start: number): number {
  for (let end = source.indexOf(QUOTE, start); end !== -1; end = source.indexOf(QUOTE, end + 1)) {
    let escapes = 0
    while (end - escapes > start && source[end - escapes - 1] === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return source.byteLength
}

/**
 * No base64, but letters for a lenient reader to find. Who writes one by hand names bytes that lie in the same file:
 * they are verified, or they are not.
 */
function standIn(number: number): string {
  return `(long${number})`
}

function standInNumber(text: string): number {
  return Number(/^\(long(\d{1,5})\)$/.exec(text)?.[1] ?? -1)
}
