/**
 * SHA-256 of a file that is large and seldom changes, remembered beside it for
 * as long as size, time of change and inode are the same.
 */
import {createHash, randomUUID} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {readFile, rename, stat, writeFile} from 'node:fs/promises'
import {z} from 'zod'

const Memory = z.strictObject({size: z.string(), mtime: z.string(), inode: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/)})
type Identity = Omit<z.infer<typeof Memory>, 'sha256'>

/**
 * @param memory path of the small JSON file; one that cannot be written is done without
 * @returns hex; undefined where there is no such file, or it is empty
 */
export async function rememberedSha256(file: string, memory: string): Promise<string | undefined> {
  const identity = await identify(file)
  if (identity === undefined) return undefined
  const known = await recall(memory)
  if (known !== undefined && sameFile(known, identity)) return known.sha256
  const sha256 = await digest(file)
  await remember(memory, {...identity, sha256})
  return sha256
}

async function identify(file: string): Promise<Identity | undefined> {
  try {
    const {size, mtimeNs, ino} = await stat(file, {bigint: true})
    return size === 0n ? undefined : {size: String(size), mtime: String(mtimeNs), inode: String(ino)}
  } catch {
    return undefined
  }
}

async function recall(memory: string): Promise<z.infer<typeof Memory> | undefined> {
  try {
    return Memory.parse(JSON.parse(await readFile(memory, 'utf8')))
  } catch {
    // Absent or torn: it is made again.
    return undefined
  }
}

function sameFile(a: Identity, b: Identity): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.inode === b.inode
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256')
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file, {highWaterMark: 1 << 20})
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

async function remember(memory: string, value: z.infer<typeof Memory>): Promise<void> {
  const scratch = `${memory}.${randomUUID()}`
  try {
    await writeFile(scratch, JSON.stringify(value))
    await rename(scratch, memory)
  } catch {
    // A cache folder that is read-only costs time, nothing else.
  }
}
