/** Rows on their way into the index, one NDJSON file a table: any number of rows, little memory. */
import {open, type FileHandle} from 'node:fs/promises'
import {join} from 'node:path'
import type {Cell} from '../ports/evidence-index.ts'

const BATCH = 256 * 1024

export interface RowFile {
  readonly path: string
  readonly rows: number
}

export class RowFiles {
  readonly #folder: string
  readonly #files = new Map<string, {handle: FileHandle; path: string; rows: number; waiting: string[]; size: number}>()

  /** @param folder is there, and holds nothing else */
  constructor(folder: string) {
    this.#folder = folder
  }

  async append(table: string, row: Readonly<Record<string, Cell>>): Promise<void> {
    const path = join(this.#folder, `${table}.ndjson`)
    const file = this.#files.get(table) ?? {handle: await open(path, 'wx'), path, rows: 0, waiting: [], size: 0}
    this.#files.set(table, file)
    const line = encodeRow(row)
    file.waiting.push(line)
    file.size += line.length
    file.rows += 1
    if (file.size < BATCH) return
    const text = file.waiting.join('')
    file.waiting = []
    file.size = 0
    await file.handle.appendFile(text)
  }

  /** Closes all of them; table -> file. */
  async finish(): Promise<ReadonlyMap<string, RowFile>> {
    const done = new Map<string, RowFile>()
    for (const [table, {handle, path, rows, waiting}] of this.#files) {
      // oxlint-disable-next-line no-await-in-loop -- a handful of files
      await handle.appendFile(waiting.join(''))
      done.set(table, {path, rows})
    }
    await this.close()
    return done
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#files.values(), ({handle}) => handle.close()))
    this.#files.clear()
  }
}

/** A half of a surrogate pair is no character, and the reader would refuse the line for it. */
function encodeRow(row: Readonly<Record<string, Cell>>): string {
  const line = JSON.stringify(row)
  if (!line.includes(String.raw`\ud`)) return `${line}\n`
  return `${JSON.stringify(row, (_, value: unknown) => (typeof value === 'string' ? value.replaceAll(/\p{Surrogate}/gu, '\uFFFD') : value))}\n`
}
