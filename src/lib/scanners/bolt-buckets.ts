/**
 * The names of the top buckets of a bbolt file (bbolt, page.go, meta.go): of
 * Trivy's database, one per source of advisories.
 *
 * A database without a source for what is scanned finds nothing, and says
 * nothing. Only headers and keys are read; what does not add up is refused.
 */
/* oxlint-disable no-await-in-loop -- a page says where the next one is */
import {open, type FileHandle} from 'node:fs/promises'

const MAGIC = 0xed_0c_da_ed
const VERSION = 2
const HEADER = 16
const ELEMENT = 16
const [BRANCH, LEAF] = [1, 2]
const IS_BUCKET = 1
/** The real database has some hundred buckets. */
const PAGES_MAX = 10_000

/** @throws Error where `path` is no bbolt file, or a torn one */
export async function bucketNames(path: string): Promise<string[]> {
  const file = await open(path, 'r')
  try {
    const {size} = await file.stat()
    const {pageSize, root, pages} = await newestMeta(file)
    if (pages * pageSize > size) throw new Error(`${path} ends before its last page`)
    const names: string[] = []
    const waiting = [root]
    for (let page = waiting.pop(), seen = 0; page !== undefined; page = waiting.pop(), seen += 1) {
      if (seen > PAGES_MAX || (page + 1) * pageSize > size) throw new Error(`${path} has a page that cannot be`)
      const bytes = await readPage(file, page, pageSize)
      if (bytes.readUInt16LE(8) === BRANCH) waiting.push(...childPages(bytes))
      else if (bytes.readUInt16LE(8) === LEAF) names.push(...leafBuckets(bytes))
      else throw new Error(`${path} has a page of an unknown kind`)
    }
    return names.toSorted((a, b) => (a < b ? -1 : 1))
  } finally {
    await file.close()
  }
}

interface Meta {
  readonly pageSize: number
  /** Page on which the list of buckets begins. */
  readonly root: number
  /** Pages in use. */
  readonly pages: number
  readonly transaction: bigint
}

/** Two copies take turns; the newer one counts. */
async function newestMeta(file: FileHandle): Promise<Meta> {
  const first = await readMeta(file, 0)
  const second = await readMeta(file, first?.pageSize ?? 4096)
  const [meta] = [first, second].filter((one) => one !== undefined).toSorted((a, b) => (a.transaction < b.transaction ? 1 : -1))
  if (meta === undefined) throw new Error('no bbolt file')
  return meta
}

async function readMeta(file: FileHandle, offset: number): Promise<Meta | undefined> {
  const {bytesRead, buffer} = await file.read(Buffer.alloc(HEADER + 64), 0, HEADER + 64, offset)
  if (bytesRead < HEADER + 64 || buffer.readUInt32LE(HEADER) !== MAGIC || buffer.readUInt32LE(HEADER + 4) !== VERSION) return undefined
  const pageSize = buffer.readUInt32LE(HEADER + 8)
  if (pageSize < 512 || pageSize > 1 << 20) return undefined
  return {
    pageSize,
    root: Number(buffer.readBigUInt64LE(HEADER + 16)),
    pages: Number(buffer.readBigUInt64LE(HEADER + 40)),
    transaction: buffer.readBigUInt64LE(HEADER + 48),
  }
}

/** A page with what overflows into the pages behind it. */
async function readPage(file: FileHandle, page: number, pageSize: number): Promise<Buffer> {
  const head = Buffer.alloc(HEADER)
  await file.read(head, 0, HEADER, page * pageSize)
  const length = (head.readUInt32LE(12) + 1) * pageSize
  const {buffer, bytesRead} = await file.read(Buffer.alloc(Math.min(length, 1 << 26)), 0, Math.min(length, 1 << 26), page * pageSize)
  return buffer.subarray(0, bytesRead)
}

function childPages(bytes: Buffer): number[] {
  return elements(bytes).map((at) => Number(bytes.readBigUInt64LE(at + 8)))
}

function leafBuckets(bytes: Buffer): string[] {
  return elements(bytes)
    .filter((at) => bytes.readUInt32LE(at) === IS_BUCKET)
    .map((at) => {
      const start = at + bytes.readUInt32LE(at + 4)
      return bytes.toString('utf8', start, start + bytes.readUInt32LE(at + 8))
    })
}

function elements(bytes: Buffer): number[] {
  return Array.from({length: bytes.readUInt16LE(10)}, (_, index) => HEADER + index * ELEMENT)
}
