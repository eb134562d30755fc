/**
 * A small file, read whole and within a limit. Its kind is looked at first:
 * opening a pipe would wait for ever.
 */
import {open, stat} from 'node:fs/promises'

export type PlainFile =
  | {readonly kind: 'read'; readonly bytes: Uint8Array}
  | {readonly kind: 'absent'}
  | {readonly kind: 'unreadable'; readonly why: string; readonly cause?: unknown}

/** @param limit bytes */
export async function readPlainFile(path: string, limit: number): Promise<PlainFile> {
  try {
    if (!(await stat(path)).isFile()) return {kind: 'unreadable', why: 'is not a file'}
    await using handle = await open(path)
    const buffer = Buffer.alloc(limit + 1)
    let length = 0
    for (;;) {
      // eslint-disable-next-line no-await-in-loop -- each read starts where the one before it ended
      const {bytesRead} = await handle.read(buffer, length, buffer.length - length, length)
      length += bytesRead
      if (length > limit) return {kind: 'unreadable', why: `is larger than ${limit / 1024} KiB`}
      if (bytesRead === 0) return {kind: 'read', bytes: Uint8Array.prototype.slice.call(buffer, 0, length)}
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? {kind: 'absent'} : {kind: 'unreadable', why: `cannot be read (${code})`, cause: error}
  }
}
