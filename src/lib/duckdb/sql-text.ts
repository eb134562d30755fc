/** Names and paths of our own as SQL. Values of users are bound, never written into text. Pure. */

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Reads exactly these files: DuckDB takes a path as a pattern only where no file has that very name. */
export function readParquet(files: readonly string[]): string {
  return `read_parquet([${files.map(quoteText).join(', ')}])`
}

/** @param columns name -> type, exactly as in the file: nothing is guessed */
export function readNdjson(file: string, columns: Readonly<Record<string, string>>): string {
  const types = Object.entries(columns).map(([name, type]) => `${quoteName(name)}: ${quoteText(type)}`)
  return `read_json(${quoteText(file)}, format = 'newline_delimited', columns = {${types.join(', ')}})`
}
