/** Gzip as it is written here: readers of gzip differ in what they make of a second member, or of anything else behind the first. Pure. */
import {inflateRawSync} from 'node:zlib'

/** More than any record has, unpacked. */
const MAX_RECORD = 256 * 1024

/** Of bytes that unpack: whether they are one member without extras, and nothing after it. */
export function isOneMember(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || Buffer.from(bytes.subarray(0, 4)).toString('hex') !== '1f8b0800') return false
  try {
    // Whole without its last byte: then that byte is not needed.
    inflateRawSync(bytes.subarray(10, -9), {maxOutputLength: MAX_RECORD})
    return false
  } catch {
    return true
  }
}
