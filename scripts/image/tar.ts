/**
 * A tar of files in memory (POSIX ustar; pax for names beyond it), the same
 * bytes for the same files: sorted, no owner, no time, folders made explicit.
 */

/** Path without a leading slash -> content, or content with a mode. */
export type FileMap = Readonly<Record<string, FileContent>>
export type FileContent = string | Uint8Array | {readonly content: string | Uint8Array; readonly mode: number}

const BLOCK = 512
const NAME_MAX = 100
const PREFIX_MAX = 155

export function tar(files: FileMap): Uint8Array {
  const folders = new Set(
    Object.keys(files).flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, depth, parts) => `${parts.slice(0, depth + 1).join('/')}/`),
    ),
  )
  const entries = [
    ...[...folders].map((path) => ({path, data: Buffer.alloc(0), mode: 0o755, type: '5'})),
    ...Object.entries(files).map(([path, file]) => ({path, ...read(file), type: '0'})),
  ]
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return Buffer.concat([...sorted.flatMap(({path, data, mode, type}) => member(path, data, mode, type)), Buffer.alloc(2 * BLOCK)])
}

function read(file: FileContent): {data: Buffer; mode: number} {
  if (typeof file === 'string' || file instanceof Uint8Array) return {data: Buffer.from(file), mode: 0o644}
  return {data: Buffer.from(file.content), mode: file.mode}
}

function member(path: string, data: Buffer, mode: number, type: string): Buffer[] {
  const split = splitName(path)
  const pax = split === undefined ? member('pax', paxPath(path), 0o644, 'x') : []
  const {name, prefix} = split ?? {name: Buffer.from(path).subarray(0, NAME_MAX), prefix: Buffer.alloc(0)}
  return [...pax, header(name, prefix, data.byteLength, mode, type), data, Buffer.alloc((BLOCK - (data.byteLength % BLOCK)) % BLOCK)]
}

/** ustar's name and prefix; undefined where the path fits no slash between them. */
function splitName(path: string): {name: Buffer; prefix: Buffer} | undefined {
  const bytes = Buffer.from(path)
  if (bytes.byteLength <= NAME_MAX) return {name: bytes, prefix: Buffer.alloc(0)}
  const slash = bytes.indexOf('/', Math.max(0, bytes.byteLength - NAME_MAX - 1))
  if (slash <= 0 || slash > PREFIX_MAX || slash === bytes.byteLength - 1) return undefined
  return {name: bytes.subarray(slash + 1), prefix: bytes.subarray(0, slash)}
}

/** A pax record counts its own length. */
function paxPath(path: string): Buffer {
  const rest = ` path=${path}\n`
  let length = Buffer.byteLength(rest)
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`)
  return Buffer.from(`${length}${rest}`)
}

function header(name: Buffer, prefix: Buffer, size: number, mode: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK)
  name.copy(block, 0)
  block.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`, 100)
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\u000000', 257)
  prefix.copy(block, 345)
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  )
  return block
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, '0')
}
