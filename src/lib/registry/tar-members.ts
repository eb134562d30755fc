/** The members of an uncompressed tar, by their headers; content is read by whoever wants it. */
import type {FileHandle} from 'node:fs/promises'

export interface TarMember {
  /** Without a leading `./`. */
  readonly name: string
  readonly isFile: boolean
  readonly size: number
  /** Where its content begins. */
  readonly offset: number
}

const BLOCK = 512
/** Image archives have few members. */
const MEMBERS_MAX = 100_000

/** Ends at the first block that is no header: at the end of the archive, or at once where it is none. */
export async function* tarMembers(file: FileHandle): AsyncGenerator<TarMember> {
  const header = Buffer.alloc(BLOCK)
  let position = 0
  for (let count = 0; count < MEMBERS_MAX; count += 1) {
    const {bytesRead} = await file.read(header, 0, BLOCK, position)
    if (bytesRead < BLOCK || text(header, 257, 5) !== 'ustar') return
    const size = Number.parseInt(text(header, 124, 12), 8)
    if (!Number.isSafeInteger(size) || size < 0) return
    const [prefix, name, type] = [text(header, 345, 155), text(header, 0, 100), text(header, 156, 1)]
    yield {name: (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, ''), isFile: type === '0' || type === '', size, offset: position + BLOCK}
    position += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}

function text(header: Buffer, start: number, length: number): string {
  return header.toString('latin1', start, start + length).replace(/\0.*$/s, '')
}
