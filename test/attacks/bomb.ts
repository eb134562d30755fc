/** A small gzip file that unpacks into more than anything here may. Synthetic: it holds nothing but zeros. */
import {gzipSync} from 'node:zlib'

let made: Uint8Array | undefined

export function bomb(): Uint8Array {
  made ??= gzipSync(Buffer.alloc(80 * 1024 * 1024), {level: 1})
  return made
}
