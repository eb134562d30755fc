/**
 * Holds a SQL text to what DuckDB and Trino do alike.
 *
 * An allow-list: words, functions and signs that are not here have to be looked
 * at on both engines first. Everything in it was tried on both, row for row.
 */

const WORDS = new Set(
  `with as select distinct from join left cross on where and or not in is null between case when then else end exists union all group by having order partition over
   asc desc nulls last cast varchar bigint true false using`.split(/\s+/),
)
const FUNCTIONS = new Set(['count', 'min', 'max', 'coalesce', 'lag', 'row_number', 'bool_and', 'bool_or', 'substr', 'length', 'strpos'])
/** Words of one engine that would else pass for an alias. */
const REFUSED = new Set(
  'ilike qualify limit offset fetch anti semi asof exclude replace sample tablesample pivot unpivot window glob similar regexp'.split(' '),
)
const SIGNS = new Set(['(', ')', ',', '.', '*', '=', '<>', '<', '<=', '>', '>=', '+', '-', '||'])
const TOKEN = /\s+|'(?:[^']|'')*'|"[a-z_]+"|\$[a-z_]+|[a-z_][a-z0-9_]*|\d+(?:\.\d+)?|<>|<=|>=|\|\||./gi
/** After these a parameter may stand: Athena takes `?` in WHERE alone. */
const CLAUSES = new Set(['select', 'from', 'where', 'on', 'having', 'group', 'order', 'partition'])

/** @param names tables, columns and aliases: `identifiers` of the text may be nothing else */
export function faultsOf(sql: string, columns: ReadonlySet<string>): string[] {
  const tokens = (sql.match(TOKEN) ?? []).filter((token) => token.trim() !== '')
  const aliases = aliasesOf(tokens)
  const faults: string[] = []
  const clauses: string[] = ['']
  tokens.forEach((token, index) => {
    const lower = token.toLowerCase()
    const next = tokens[index + 1]
    if (token === '(') clauses.push('')
    if (token === ')') clauses.pop()
    if (CLAUSES.has(lower)) clauses[clauses.length - 1] = lower
    if (token.startsWith('$')) {
      const clause = clauses.findLast((one) => one !== '')
      if (clause !== 'where') faults.push(`${token} stands in ${String(clause).toUpperCase()}`)
    } else if (/^\d+\.\d/.test(token)) faults.push(`${token} is a decimal`)
    else if (REFUSED.has(lower)) faults.push(`word ${token}`)
    else if (lower === 'on' && tokens[index - 1]?.toLowerCase() === 'distinct') faults.push('DISTINCT ON')
    else if (lower === 'varchar' && next === '(') faults.push('a length of varchar')
    else if (/^[a-z_]/i.test(token)) {
      if (next === '(' && !WORDS.has(lower)) {
        const isCte = tokens[index - 1]?.toLowerCase() === 'as'
        if (!FUNCTIONS.has(lower) && !isCte) faults.push(`function ${token}`)
      } else if (!WORDS.has(lower) && !columns.has(lower) && !aliases.has(lower)) faults.push(`word ${token}`)
    } else if (!/^['"\d]/.test(token) && !SIGNS.has(token)) faults.push(`sign ${token}`)
  })
  return faults
}

/** Aliases in a WHERE, GROUP BY or HAVING are DuckDB's own: so is reading one that only the SELECT beside it makes. */
function aliasesOf(tokens: readonly string[]): Set<string> {
  const found = new Set<string>()
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]?.toLowerCase()
    const after = tokens[index + 1]?.toLowerCase()
    if (!/^[a-z_"]/i.test(token) || WORDS.has(token.toLowerCase())) return
    // `x AS name`, `name AS (`, `table t`, `) t`.
    if (before === 'as' || after === 'as' || (before !== undefined && /^[a-z_)]/i.test(before) && !WORDS.has(before)))
      found.add(token.replaceAll('"', '').toLowerCase())
  })
  return found
}
