/**
 * `CURRENT`: the one small file that says which files make the tables.
 *
 * Rules: written aside, flushed, renamed over the old one, folder flushed. A
 * reader sees the index before or after an update, never between. Files that
 * an update replaced stay for a while: somebody may still be reading them.
 */
import {randomUUID} from 'node:crypto'
import {open, readFile, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {codeOf} from './file-error.ts'

const PartEntry = z.strictObject({file: z.string().regex(/^parts\/[a-z_]+-[0-9a-f-]{36}\.parquet$/), rows: z.int().min(1)})

const Current = z.strictObject({
  /** `INDEX_FORMAT` of whoever wrote it. */
  format: z.string(),
  tables: z.record(z.string(), z.array(PartEntry)),
  /** No longer part of a table, since `at` (milliseconds since 1970). */
  retired: z.array(z.strictObject({file: PartEntry.shape.file, at: z.int()})),
})
export type Current = z.infer<typeof Current>

const NAME = 'CURRENT'

/**
 * Undefined where nothing was indexed yet.
 * @throws AppError `query.engine` where it is not ours to read
 */
export async function readCurrent(folder: string): Promise<Current | undefined> {
  const path = join(folder, NAME)
  try {
    return Current.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new AppError('query.engine', `the index cannot be read: ${path} is damaged`, {
      cause,
      fix: `Remove ${folder} and ask again: it is made anew from the evidence.`,
    })
  }
}

export async function replaceCurrent(folder: string, current: Current): Promise<void> {
  const aside = join(folder, 'incoming', `${NAME}-${randomUUID()}`)
  {
    await using file = await open(aside, 'wx')
    await file.writeFile(JSON.stringify(current))
    await file.sync()
  }
  await rename(aside, join(folder, NAME))
  await flush(folder)
}

/** Makes a file, or a folder's list of names, durable. */
export async function flush(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
