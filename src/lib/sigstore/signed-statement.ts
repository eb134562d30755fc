/**
 * Reads a signed payload as JSON.
 *
 * An SBOM of 50 MB would be some 300 MB of objects, which nobody asks for:
 * where one is that large, each package and file is parsed, so that a fault in
 * any is found, and let go of.
 */
import {isUtf8} from 'node:buffer'
import {SPDX_TYPE} from '../evidence/statement.ts'
import {elementsOf, isList, membersOf, wholeOf, type Extent} from './json-extents.ts'

/** What is smaller is parsed whole. */
const LARGE = 4 * 1024 * 1024

/** Undefined where `payload` is not JSON in UTF-8. Of a large SPDX document the long lists are empty. @param large bytes */
export function readStatement(payload: Uint8Array, large: number = LARGE): unknown {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (!isUtf8(bytes)) return undefined
  try {
    return (bytes.byteLength > large ? outline(bytes) : undefined) ?? parse(bytes, {from: 0, to: bytes.byteLength})
  } catch {
    return undefined
  }
}

/** Undefined where it is not an SPDX document. */
function outline(bytes: Buffer): unknown {
  const {predicate, ...rest} = Object.fromEntries(membersOf(bytes, wholeOf(bytes)))
  const statement = parseAll(bytes, rest)
  if (predicate === undefined || statement['predicateType'] !== SPDX_TYPE) return undefined
  const parts = Object.entries(Object.fromEntries(membersOf(bytes, predicate)))
  return {
    ...statement,
    predicate: Object.fromEntries(parts.map(([name, extent]) => [name, isList(bytes, extent) ? emptied(bytes, extent) : parse(bytes, extent)])),
  }
}

function emptied(bytes: Buffer, list: Extent): unknown[] {
  for (const element of elementsOf(bytes, list)) parse(bytes, element)
  return []
}

function parseAll(bytes: Buffer, extents: Readonly<Record<string, Extent>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extents).map(([name, extent]) => [name, parse(bytes, extent)]))
}

function parse(bytes: Buffer, {from, to}: Extent): unknown {
  return JSON.parse(bytes.toString('utf8', from, to))
}
