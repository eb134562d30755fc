/**
 * DuckDB, fenced in: `openEngine(folder)`.
 *
 * Rules: in memory, no extension is ever loaded, no file outside `folder` is
 * read or written, settings are locked once made. What does not fit into the
 * memory limit spills into `folder` and is removed on close.
 */
import {randomUUID} from 'node:crypto'
import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {DuckDBConnection, DuckDBInstance, DuckDBResult} from '@duckdb/node-api'
import {AppError} from '../errors.ts'
import type {Cell, EngineAnswer} from '../ports/evidence-index.ts'
import {quoteText} from './sql-text.ts'

const MEMORY_LIMIT = '512MB'
const THREADS = '4'

export interface Engine {
  readonly version: string
  ask(sql: string, parameters: Readonly<Record<string, string>>): Promise<Omit<EngineAnswer, 'bytes'>>
  /** Rows as they come. */
  stream(sql: string): AsyncIterable<Readonly<Record<string, Cell>>>
  run(sql: string): Promise<void>
  close(): Promise<void>
}

/**
 * @param folder absolute path; it is there
 * @throws AppError `query.engine`
 */
export async function openEngine(folder: string): Promise<Engine> {
  const spill = join(folder, `spill-${randomUUID()}`)
  const instance = await guarded(() => openInstance(folder, spill))
  // One connection a call: another statement on it would silently end the rows that are still coming.
  const connected = <T>(work: (connection: DuckDBConnection) => Promise<T>) =>
    guarded(async () => {
      const connection = await instance.connect()
      try {
        return await work(connection)
      } finally {
        connection.closeSync()
      }
    })
  return {
    version: await connected(versionOf),
    ask: (sql, parameters) =>
      connected(async (connection) => {
        const result = await connection.run(sql, used(sql, parameters))
        return {columns: columnsOf(result), rows: (await result.getRowObjectsJS()).map(toCells)}
      }),
    stream: (sql) => streamRows(instance, sql),
    run: (sql) => connected(async (connection) => void (await connection.run(sql))),
    async close() {
      instance.closeSync()
      await rm(spill, {recursive: true, force: true})
    },
  }
}

async function openInstance(folder: string, spill: string): Promise<DuckDBInstance> {
  // Not installed everywhere: the image of an admission server does without.
  const {DuckDBInstance} = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    temp_directory: spill,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run(`SET allowed_directories = [${quoteText(`${folder}/`)}]; SET enable_external_access = false; SET lock_configuration = true`)
  connection.closeSync()
  return instance
}

async function* streamRows(instance: DuckDBInstance, sql: string): AsyncGenerator<Readonly<Record<string, Cell>>> {
  const connection = await guarded(() => instance.connect())
  try {
    const result = await guarded(() => connection.stream(sql))
    const names = result.columnNames()
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks come one after another
      const chunk = await guarded(() => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      for (const row of chunk.getRows()) yield toCells(Object.fromEntries(names.map((name, index) => [name, row[index]])))
    }
  } finally {
    connection.closeSync()
  }
}

async function versionOf(connection: DuckDBConnection): Promise<string> {
  const rows = await (await connection.run('SELECT library_version FROM pragma_version()')).getRowsJS()
  return String(toCell('library_version', rows[0]?.[0]))
}

/** Only what the text names: the engine refuses others. */
function used(sql: string, parameters: Readonly<Record<string, string>>): Record<string, string> {
  const names = new Set(Array.from(sql.matchAll(/\$([a-z_]+)/g), ([, name]) => name))
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => names.has(name)))
}

function columnsOf(result: DuckDBResult): EngineAnswer['columns'] {
  return result.columnNames().map((name, index) => ({name, type: String(result.columnType(index))}))
}

function toCells(row: Readonly<Record<string, unknown>>): Readonly<Record<string, Cell>> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toCell(name, value)]))
}

/** @throws AppError `bug` for a type that the portable subset does not have */
function toCell(name: string, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  throw new AppError('bug', `column ${name} is of a type that not every engine has: ${typeof value}`)
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new AppError('query.engine', `duckdb: ${first}`, {cause})
  }
}
