import assert from 'node:assert/strict'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openEngine, type Engine} from '../../../src/lib/duckdb/engine.ts'
import {quoteText, readNdjson} from '../../../src/lib/duckdb/sql-text.ts'

describe('the engine', () => {
  let folder: string
  let engine: Engine

  beforeEach(async () => {
    // Letters that mean something to SQL, to a pattern, or to both.
    folder = join(await mkdtemp(join(tmpdir(), 'hipaa-ci-engine-')), `we[i]r*d ?'"`)
    await import('node:fs/promises').then(({mkdir}) => mkdir(folder))
    engine = await openEngine(folder)
  })

  afterEach(async () => {
    await engine.close()
    await rm(join(folder, '..'), {recursive: true, force: true})
  })

  const outside: Record<string, (path: string) => string> = {
    'read a file': (path) => `SELECT * FROM read_text(${quoteText(path)})`,
    'read a CSV': (path) => `SELECT * FROM read_csv(${quoteText(path)})`,
    'write a file': (path) => `COPY (SELECT 1) TO ${quoteText(`${path}.new`)}`,
    'open a database': (path) => `ATTACH ${quoteText(`${path}.db`)}`,
    'climb out by dots': () => `SELECT * FROM read_text(${quoteText(join(folder, '..', 'outside'))})`,
    'install an extension': () => 'INSTALL httpfs',
    'load an extension': () => 'LOAD httpfs',
    'raise a limit': () => "SET memory_limit = '100GB'",
    'take down the fence': () => 'SET enable_external_access = true',
    'widen the fence': () => "SET allowed_directories = ['/']",
  }
  for (const [what, sql] of Object.entries(outside)) {
    it(`cannot ${what} outside its folder`, async () => {
      const path = join(folder, '..', 'outside')
      await writeFile(path, 'secret')
      await assert.rejects(engine.run(sql(path)), {code: 'query.engine'})
      assert.deepEqual((await readdir(join(folder, '..'))).toSorted(), [`outside`, `we[i]r*d ?'"`])
    })
  }

  it('reads and writes in its folder, and gives text back unchanged', async () => {
    const texts = ['2020-01-01', '123', '1e5', 'true', 'null', '', ' ', '\u0000', '🦊']
    const path = join(folder, 'rows.ndjson')
    await writeFile(path, texts.map((text, number) => `${JSON.stringify({text, number})}\n`).join(''))
    await engine.run(`CREATE VIEW rows AS SELECT text, number FROM ${readNdjson(path, {text: 'VARCHAR', number: 'BIGINT'})}`)
    const {rows, columns} = await engine.ask('SELECT text, number FROM rows ORDER BY number', {})
    assert.deepEqual(
      rows,
      texts.map((text, number) => ({text, number})),
    )
    assert.deepEqual(columns, [
      {name: 'text', type: 'VARCHAR'},
      {name: 'number', type: 'BIGINT'},
    ])
  })

  it('binds what the text names, as text, and ignores what it does not', async () => {
    const {rows} = await engine.ask("SELECT 'yes' AS found WHERE $value = '''; DROP TABLE x --'", {value: "'; DROP TABLE x --", other: 'x'})
    assert.deepEqual(rows, [{found: 'yes'}])
  })

  it('streams', async () => {
    const seen: unknown[] = []
    for await (const row of engine.stream('SELECT range AS number FROM range(5000)')) seen.push(row['number'])
    assert.equal(seen.length, 5000)
    assert.equal(seen.at(-1), 4999)
  })

  it('gives every row, whatever else is asked meanwhile', async () => {
    let count = 0
    for await (const _ of engine.stream('SELECT range AS number FROM range(20000)')) {
      if (count % 1000 === 0) await engine.ask('SELECT 1 AS one', {})
      count += 1
    }
    assert.equal(count, 20_000)
    const answers = await Promise.all(Array.from({length: 10}, () => engine.ask('SELECT range FROM range(3000)', {})))
    assert.deepEqual(new Set(answers.map(({rows}) => rows.length)), new Set([3000]))
  })

  it('says in one line what was wrong', async () => {
    await assert.rejects(engine.ask('SELECT nothing FROM nowhere', {}), (error: Error) => !error.message.includes('\n') && /nowhere/.test(error.message))
  })

  it('refuses a type that not every engine has', async () => {
    await assert.rejects(engine.ask("SELECT DATE '2020-01-01' AS day", {}), {code: 'bug'})
  })
})
