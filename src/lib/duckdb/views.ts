/** The tables as the questions name them: a view over the files that CURRENT names, with exactly the columns of `index/tables.ts`. */
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {INDEX_FORMAT, TABLE_NAMES, TABLES, type TableName} from '../index/tables.ts'
import type {Current} from './current.ts'
import type {Engine} from './engine.ts'
import {quoteName, readParquet} from './sql-text.ts'

/** @throws AppError `index.stale` where it was made for other tables, `query.engine` where a file is missing or damaged */
export async function showTables(engine: Engine, folder: string, current: Current | undefined): Promise<void> {
  if (current !== undefined && current.format !== INDEX_FORMAT) throw new AppError('index.stale', `the index at ${folder} was made by another version`)
  await engine.run(
    TABLE_NAMES.map((table) =>
      viewOf(
        table,
        (current?.tables[table] ?? []).map(({file}) => join(folder, file)),
      ),
    ).join(';\n'),
  )
}

function viewOf(table: TableName, files: readonly string[]): string {
  const columns = Object.entries(TABLES[table])
  const select =
    files.length === 0
      ? `SELECT ${columns.map(([name, type]) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`).join(', ')} WHERE FALSE`
      : `SELECT ${columns.map(([name]) => quoteName(name)).join(', ')} FROM ${readParquet(files)}`
  return `CREATE OR REPLACE VIEW ${quoteName(table)} AS ${select}`
}
