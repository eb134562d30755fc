/**
 * What a segment is made of, as bytes. Pure.
 *
 * A segment begins with a header: magic, number, salt, digest. Frames follow, each with a header of its own (lengths, time,
 * place in the segment, digest) and a digest over all of it at its end; a closing frame says that no more were written.
 * Digests are salted by segment, so that nothing out of a blob or another segment passes for a frame of this one. The
 * header's own digest tells a frame that was cut off from one whose length was changed.
 */
import {createHash} from 'node:crypto'

export const SEGMENT_HEADER = 64
export const FRAME_HEADER = 40
const DIGEST = 32
const SALT = 16
const SEGMENT_MAGIC = Buffer.from('HCIWAL1\n')
export const FRAME_MAGIC = Buffer.from('HCIF')
const OBJECT = 1
const CLOSING = 2

export interface Frame {
  readonly key: string
  readonly bytes: Uint8Array
  /** When it was appended, milliseconds since 1970. */
  readonly time: number
}

export interface ReadFrame extends Frame {
  readonly kind: 'object' | 'closing'
  /** From 0. */
  readonly ordinal: number
  /** All of it, bytes. */
  readonly length: number
}

/** @param salt 16 bytes */
export function segmentHeader(number: number, salt: Uint8Array): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER - DIGEST)
  SEGMENT_MAGIC.copy(header)
  header.writeBigUInt64BE(BigInt(number), 8)
  header.set(salt, 16)
  return Buffer.concat([header, digest(header)])
}

/** @returns the salt; undefined where it is not the header of this segment */
export function readSegmentHeader(bytes: Buffer, number: number): Buffer | undefined {
  const salt = bytes.subarray(16, 16 + SALT)
  return salt.length === SALT && bytes.subarray(0, SEGMENT_HEADER).equals(segmentHeader(number, salt)) ? Buffer.from(salt) : undefined
}

/** With nothing in it but its end, for a closing frame. */
export function frameLength({key, bytes}: Pick<Frame, 'key' | 'bytes'>): number {
  return FRAME_HEADER + Buffer.byteLength(key) + bytes.length + DIGEST
}

export function encodeFrame({key, bytes, time}: Frame, ordinal: number, salt: Uint8Array): Buffer {
  return encode(OBJECT, {key, bytes, time}, ordinal, salt)
}

export function closingFrame(ordinal: number, salt: Uint8Array): Buffer {
  return encode(CLOSING, {key: '', bytes: new Uint8Array(), time: 0}, ordinal, salt)
}

/** @returns `short`: it goes on beyond the end of `bytes`; `wrong`: its header is none; its length, where only its content is wrong */
export function readFrame(bytes: Buffer, at: number, salt: Uint8Array): ReadFrame | 'short' | 'wrong' | {readonly wrong: number} {
  const header = bytes.subarray(at, at + FRAME_HEADER)
  if (header.length < FRAME_HEADER) return 'short'
  if (!header.subarray(0, 4).equals(FRAME_MAGIC) || !header.subarray(24).equals(headerDigest(header, salt))) return 'wrong'
  const [keyLength, bodyLength] = [header.readUInt16BE(6), header.readUInt32BE(8)]
  const length = FRAME_HEADER + keyLength + bodyLength + DIGEST
  if (at + length > bytes.length) return 'short'
  const content = bytes.subarray(at + FRAME_HEADER, at + length - DIGEST)
  if (!bytes.subarray(at + length - DIGEST, at + length).equals(digest(salt, header, content))) return {wrong: length}
  return {
    kind: header.readUInt8(4) === CLOSING ? 'closing' : 'object',
    key: content.subarray(0, keyLength).toString(),
    bytes: content.subarray(keyLength),
    time: Number(header.readBigUInt64BE(12)),
    ordinal: header.readUInt32BE(20),
    length,
  }
}

function encode(kind: number, {key, bytes, time}: Frame, ordinal: number, salt: Uint8Array): Buffer {
  const header = Buffer.alloc(FRAME_HEADER)
  const name = Buffer.from(key)
  FRAME_MAGIC.copy(header)
  header.writeUInt8(kind, 4)
  header.writeUInt16BE(name.length, 6)
  header.writeUInt32BE(bytes.length, 8)
  header.writeBigUInt64BE(BigInt(Math.max(0, time)), 12)
  header.writeUInt32BE(ordinal, 20)
  headerDigest(header, salt).copy(header, 24)
  return Buffer.concat([header, name, bytes, digest(salt, header, name, bytes)])
}

function headerDigest(header: Buffer, salt: Uint8Array): Buffer {
  return digest(salt, header.subarray(0, 24)).subarray(0, FRAME_HEADER - 24)
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
