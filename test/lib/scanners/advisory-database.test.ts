import assert from 'node:assert/strict'
import {copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {advisoryFolder, readAdvisoryDatabase} from '../../../src/lib/scanners/advisory-database.ts'

const METADATA = {Version: 2, UpdatedAt: '2026-06-15T06:00:00.123456789Z', NextUpdate: '2026-06-16T06:00:00Z', DownloadedAt: '2026-06-15T07:00:00Z'}
/** A real bbolt file, made by `toolchain/advisory-db`. */
const BOLT = new URL('../../recordings/advisory-db/trivy.db', import.meta.url)

describe('the advisory databases on disk', () => {
  let folder: string
  const file = (...path: string[]) => join(folder, ...path)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-advisories-'))
    await mkdir(file('db'))
    await mkdir(file('java-db'))
    await copyFile(BOLT, file('db', 'trivy.db'))
    await writeFile(file('db', 'metadata.json'), JSON.stringify(METADATA))
    await writeFile(file('java-db', 'metadata.json'), JSON.stringify({...METADATA, Version: 1}))
    javaIndex(2)
  })
  afterEach(async () => rm(folder, {recursive: true}))

  function javaIndex(rows: number): void {
    const database = new DatabaseSync(file('java-db', 'trivy-java.db'))
    database.exec('DROP TABLE IF EXISTS indices; CREATE TABLE indices(artifact_id INTEGER, version TEXT)')
    for (let row = 0; row < rows; row += 1) database.exec(`INSERT INTO indices VALUES(${row}, '1')`)
    database.close()
  }

  it('are read with age, digest, sources and rows', async () => {
    assert.deepEqual(await readAdvisoryDatabase(folder), {
      folder,
      vulnerabilities: {
        updatedAt: '2026-06-15T06:00:00.123Z',
        sha256: sha256Hex(await readFile(BOLT)),
        sources: ['data-source', 'debian 12', 'npm::GitHub Security Advisory Npm', 'vulnerability'],
      },
      java: {updatedAt: '2026-06-15T06:00:00.123Z', nextUpdate: '2026-06-16T06:00:00.000Z', rows: 2},
    })
  })

  it('are absent where there is nothing', async () => {
    assert.deepEqual(await readAdvisoryDatabase(file('nowhere')), {folder: file('nowhere')})
  })

  it('count as absent where the database is empty, torn, or no database', async () => {
    const {size} = await stat(file('db', 'trivy.db'))
    const breaks: readonly (() => Promise<unknown>)[] = [
      () => truncate(file('db', 'trivy.db'), size / 4),
      () => writeFile(file('db', 'trivy.db'), 'x'.repeat(100_000)),
      () => writeFile(file('db', 'trivy.db'), ''),
      () => rm(file('db', 'trivy.db')),
    ]
    for (const damage of breaks) {
      await damage()
      assert.equal((await readAdvisoryDatabase(folder)).vulnerabilities, undefined)
    }
  })

  it('count as absent where nobody says how old they are', async () => {
    for (const text of [
      '',
      '{',
      '{}',
      JSON.stringify({...METADATA, UpdatedAt: 'yesterday'}),
      JSON.stringify({...METADATA, UpdatedAt: '2026-06-15T06:00:00'}),
    ]) {
      await writeFile(file('db', 'metadata.json'), text)
      await writeFile(file('java-db', 'metadata.json'), text)
      assert.deepEqual(await readAdvisoryDatabase(folder), {folder})
    }
  })

  it('have no rows where the index of Java archives is empty, without its table, no database, or absent', async () => {
    javaIndex(0)
    assert.equal((await readAdvisoryDatabase(folder)).java?.rows, 0)
    const database = new DatabaseSync(file('java-db', 'trivy-java.db'))
    database.exec('DROP TABLE indices')
    database.close()
    assert.equal((await readAdvisoryDatabase(folder)).java?.rows, 0)
    await writeFile(file('java-db', 'trivy-java.db'), 'no database')
    assert.equal((await readAdvisoryDatabase(folder)).java?.rows, 0)
    await rm(file('java-db', 'trivy-java.db'))
    assert.equal((await readAdvisoryDatabase(folder)).java?.rows, 0)
  })

  it('keep their digest as long as the file is the same, and not a moment longer', async () => {
    const first = (await readAdvisoryDatabase(folder)).vulnerabilities?.sha256
    const memory = file('db', 'trivy.db.sha256.json')
    const remembered = await readFile(memory, 'utf8')
    await writeFile(memory, remembered.replace(/[0-9a-f]{64}/, 'f'.repeat(64)))
    assert.equal((await readAdvisoryDatabase(folder)).vulnerabilities?.sha256, 'f'.repeat(64), 'it was hashed again')
    await utimes(file('db', 'trivy.db'), new Date(), new Date(2026, 0, 2))
    assert.equal((await readAdvisoryDatabase(folder)).vulnerabilities?.sha256, first, 'it was not hashed again')
    await writeFile(memory, '{torn')
    assert.equal((await readAdvisoryDatabase(folder)).vulnerabilities?.sha256, first)
  })
})

describe('the folder of the advisory databases', () => {
  const folder = (variables: Readonly<Record<string, string>>) => advisoryFolder((name) => variables[name])

  it('is what the variable says, else in the cache folder', () => {
    assert.equal(folder({HIPAA_CI_TRIVY_CACHE: '/a', XDG_CACHE_HOME: '/b'}), '/a')
    assert.equal(folder({XDG_CACHE_HOME: '/b'}), '/b/hipaa-ci/trivy')
    assert.match(folder({}), /\.cache\/hipaa-ci\/trivy$/)
  })

  it('is refused where the variable is set, but empty', () => {
    assert.throws(() => folder({HIPAA_CI_TRIVY_CACHE: ''}), {code: 'usage.empty'})
  })
})
