/**
 * The index of a folder store: zstd Parquet files in a folder beside it, written and read by DuckDB.
 *
 *     CURRENT                   which files make the tables (`current.ts`)
 *     parts/<table>-*.parquet
 *     incoming/                 of the one update that holds the lock
 *     spill-*                   of an engine that is short of memory
 *     lock                      held while an update runs
 *
 * Rules: a file is written aside and never changed; only the switch of CURRENT
 * makes it count. A kill at any moment leaves the index as it was.
 */
import {mkdir, rm, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {INDEX_FORMAT} from '../index/tables.ts'
import type {EvidenceIndex, IndexUpdate} from '../ports/evidence-index.ts'
import {readCurrent, type Current} from './current.ts'
import {openEngine, type Engine} from './engine.ts'
import {codeOf} from './file-error.ts'
import {sweep} from './leftovers.ts'
import {RowFiles} from './row-files.ts'
import {readParquet} from './sql-text.ts'
import {showTables} from './views.ts'
import {writeTables} from './write-tables.ts'

/** Runs `work` while nobody else holds `path`, across processes and however they end. */
export type Exclusively = <T>(path: string, work: () => Promise<T>, options: {readonly wait: number}) => Promise<T>

/** Another process may be building the whole index. */
const WAIT = 10 * 60_000

/**
 * @param path of the folder; made where it is not there
 * @throws AppError `store.unreachable`, `query.engine`
 */
export async function openFolderIndex(path: string, exclusively: Exclusively): Promise<EvidenceIndex> {
  const folder = resolve(path)
  await makeFolder(folder)
  const engine = await openEngine(folder)
  const show = async (current: Current | undefined) => showTables(engine, folder, current)
  let shown: Promise<void> | undefined
  let current: Current | undefined
  const showStored = async () => {
    current = await readCurrent(folder)
    await show(current)
  }
  return {
    address: `folder:${folder}`,
    name: 'duckdb',
    version: engine.version,
    async ask(sql, parameters) {
      shown ??= showStored()
      await shown
      return {...(await engine.ask(sql, parameters)), bytes: await bytesOf(folder, current, sql)}
    },
    async update(fresh, work) {
      const {result, current: after} = await exclusively(join(folder, 'lock'), () => updateFolder(engine, folder, fresh, work), {wait: WAIT})
      current = after
      shown = show(after)
      await shown
      return result
    },
    close: () => engine.close(),
  }
}

/** Sizes of the files behind the tables that `sql` names. */
async function bytesOf(folder: string, current: Current | undefined, sql: string): Promise<number> {
  const named = Object.entries(current?.tables ?? {}).filter(([table]) => new RegExp(`\\b${table}\\b`).test(sql))
  const sizes = await Promise.all(named.flatMap(([, parts]) => parts).map(async ({file}) => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function updateFolder<T>(
  engine: Engine,
  folder: string,
  fresh: boolean,
  work: (update: IndexUpdate) => Promise<T>,
): Promise<{result: T; current: Current}> {
  const before = await readCurrent(folder)
  const rebuild = fresh || before?.format !== INDEX_FORMAT
  const incoming = await sweep(folder, before)
  const rows = new RowFiles(incoming)
  try {
    const result = await work({rebuild, known: () => knownKeys(engine, folder, before, rebuild), append: (table, row) => rows.append(table, row)})
    return {result, current: await writeTables({engine, folder, before, rebuild, files: await rows.finish()})}
  } finally {
    await rows.close()
    await rm(incoming, {recursive: true, force: true})
  }
}

/** Records that could be read, records that could not, and those that were gone when the index was last rebuilt. */
async function* knownKeys(engine: Engine, folder: string, before: Current | undefined, rebuild: boolean): ReturnType<IndexUpdate['known']> & AsyncGenerator {
  const sources = ['records', 'faults', 'vanished'].flatMap((table) => {
    const files = (before?.tables[table] ?? []).map(({file}) => join(folder, file))
    return files.length === 0 ? [] : [`SELECT record_key, ${table !== 'vanished' && !rebuild} AS indexed FROM ${readParquet(files)}`]
  })
  if (sources.length === 0) return
  const sql = `SELECT record_key, bool_or(indexed) AS indexed FROM (${sources.join(' UNION ALL ')}) GROUP BY record_key ORDER BY record_key`
  for await (const {record_key: key, indexed} of engine.stream(sql)) yield {key: String(key), indexed: indexed === true}
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(join(folder, 'parts'), {recursive: true})
  } catch (cause) {
    throw new AppError('store.unreachable', `cannot make the index folder ${folder}: ${codeOf(cause)}`, {
      cause,
      fix: 'Set `index: folder:PATH` to a folder that can be written.',
    })
  }
}
