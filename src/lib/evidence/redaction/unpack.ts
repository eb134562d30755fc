/**
 * What is packed in a blob: gzip, zstd, and the files of a zip. Pure.
 *
 * Rules: fails closed. What is packed in a way that cannot be undone here (xz, bzip2, 7z, rar, a zip that is encrypted) is
 * refused, because nobody can say what is in it.
 */
import {gunzipSync, inflateRawSync, zstdDecompressSync} from 'node:zlib'
import {AppError} from '../../errors.ts'

const ZIP = Buffer.from('PK\x03\x04', 'latin1')
const CLOSED: readonly (readonly [name: string, start: string])[] = [
  ['xz', '\xFD7zXZ\0'],
  ['bzip2', 'BZh'],
  ['7z', '7z\xBC\xAF\x27\x1C'],
  ['rar', 'Rar!\x1A\x07'],
]
/** APPNOTE.TXT, 4.3.7: what stands before the name of a file. */
const LOCAL_HEADER = 30
const [STORED, DEFLATED, ENCRYPTED] = [0, 8, 1]

/** @returns undefined where nothing is packed. @throws AppError `redaction.blob` where it cannot be looked into */
export function unpack(name: string, given: Uint8Array, maxOutputLength: number): Uint8Array[] | undefined {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const start = bytes.subarray(0, 8).toString('latin1')
  const closed = CLOSED.find(([, own]) => start.startsWith(own))
  if (closed !== undefined) throw new AppError('redaction.blob', `${name} is ${closed[0]}, which cannot be looked into`)
  try {
    if (start.startsWith('\x1F\x8B')) return [gunzipSync(bytes, {maxOutputLength})]
    if (start.startsWith('\x28\xB5\x2F\xFD')) return [zstdDecompressSync(bytes, {maxOutputLength})]
    if (bytes.subarray(0, ZIP.length).equals(ZIP)) return filesOf(bytes, maxOutputLength)
  } catch (cause) {
    throw new AppError('redaction.blob', `${name} is packed, and cannot be looked into`, {cause})
  }
  return undefined
}

/** By their own headers, not by the list at the end, which may leave one out; and the names of all. */
function filesOf(bytes: Buffer, most: number): Uint8Array[] {
  const [names, files]: [string[], Uint8Array[]] = [[], []]
  let rest = most
  for (let at = 0; at !== -1;) {
    const [flags, method, size] = [bytes.readUInt16LE(at + 6), bytes.readUInt16LE(at + 8), bytes.readUInt32LE(at + 18)]
    const name = at + LOCAL_HEADER
    const data = name + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
    if ((flags & ENCRYPTED) !== 0 || (method !== STORED && method !== DEFLATED)) throw new TypeError(`a file is packed by method ${method}`)
    const file = method === STORED ? bytes.subarray(data, data + size) : inflateRawSync(bytes.subarray(data), {maxOutputLength: rest})
    names.push(bytes.toString('utf8', name, name + bytes.readUInt16LE(at + 26)))
    files.push(file)
    rest -= file.length
    at = bytes.indexOf(ZIP, data)
  }
  return [Buffer.from(names.join('\n')), ...files]
}
