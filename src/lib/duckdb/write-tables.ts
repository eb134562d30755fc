/** Turns new rows into files of the index, and switches to them. */
import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {INDEX_FORMAT, isTableName, orderOf, TABLES, type TableName} from '../index/tables.ts'
import {flush, replaceCurrent, type Current} from './current.ts'
import type {Engine} from './engine.ts'
import {planMerge, type MergePlan, type Part} from './parts.ts'
import type {RowFile} from './row-files.ts'
import {quoteName, quoteText, readNdjson, readParquet} from './sql-text.ts'

/** How long somebody may go on reading files that were replaced. */
const READERS_STAY = 60 * 60_000

export interface TablesToWrite {
  readonly engine: Engine
  readonly folder: string
  readonly before: Current | undefined
  /** Nothing of `before` is kept. */
  readonly rebuild: boolean
  readonly files: ReadonlyMap<string, RowFile>
}

/** @returns what CURRENT says now; the same as before where there is nothing new */
export async function writeTables({engine, folder, before, rebuild, files}: TablesToWrite): Promise<Current> {
  const kept = rebuild ? {} : (before?.tables ?? {})
  if (files.size === 0 && !rebuild && before !== undefined) return before
  const tables: Record<string, Part[]> = {...kept}
  for (const [name, file] of files) {
    if (!isTableName(name)) throw new AppError('bug', `there is no table ${name}`)
    const plan = planMerge(kept[name] ?? [], file.rows)
    // oxlint-disable-next-line no-await-in-loop -- one table at a time bounds the memory
    tables[name] = [...plan.keep, await writePart(engine, folder, name, file.path, plan)]
  }
  await flush(join(folder, 'parts'))
  const current = {format: INDEX_FORMAT, tables, retired: retiredBy(before, tables)}
  await replaceCurrent(folder, current)
  return current
}

async function writePart(engine: Engine, folder: string, table: TableName, rows: string, plan: MergePlan): Promise<Part> {
  const file = `parts/${table}-${randomUUID()}.parquet`
  const columns = Object.keys(TABLES[table]).map(quoteName).join(', ')
  const fresh = `SELECT ${columns} FROM ${readNdjson(rows, TABLES[table])}`
  const old = plan.merge.length === 0 ? '' : ` UNION ALL SELECT ${columns} FROM ${readParquet(plan.merge.map((part) => join(folder, part.file)))}`
  const target = quoteText(join(folder, file))
  await engine.run(`COPY (SELECT * FROM (${fresh}${old}) ORDER BY ${orderOf(table)}) TO ${target} (FORMAT parquet, COMPRESSION zstd)`)
  await flush(join(folder, file))
  return {file, rows: plan.rows}
}

function retiredBy(before: Current | undefined, tables: Readonly<Record<string, readonly Part[]>>): Current['retired'] {
  const live = new Set(Object.values(tables).flatMap((parts) => parts.map(({file}) => file)))
  const at = Date.now()
  const old = Object.values(before?.tables ?? {}).flat()
  return [...(before?.retired ?? []).filter((part) => at - part.at < READERS_STAY), ...old.filter(({file}) => !live.has(file)).map(({file}) => ({file, at}))]
}
