/** The reader of bbolt files against files of the real bbolt, with one page of names and with many. */
import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {builtTool} from '../../scripts/built-tool.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {readAdvisoryDatabase} from '../../src/lib/scanners/advisory-database.ts'
import {bucketNames} from '../../src/lib/scanners/bolt-buckets.ts'

describe('advisory databases, as bbolt writes them', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-bolt-'))
  })
  after(async () => rm(folder, {recursive: true}))

  async function write(count: number): Promise<string> {
    const yaml = join(folder, 'buckets.yaml')
    const file = join(folder, 'trivy.db')
    // Long names, so that the list of buckets needs many pages and a tree above them.
    const buckets = Array.from(
      {length: count},
      (_, index) => `- bucket: "source ${String(index).padStart(5, '0')} ${'x'.repeat(60)}"\n  pairs: [{key: k, value: v}]\n`,
    )
    await writeFile(yaml, buckets.join(''))
    const {status, stderr} = spawnSync(builtTool('advisory-db'), [yaml, file], {encoding: 'utf8'})
    assert.equal(status, 0, stderr)
    return file
  }

  for (const count of [1, 40, 3000]) {
    it(`have their ${count} sources read`, async () => {
      const names = await bucketNames(await write(count))
      assert.equal(names.length, count)
      assert.match(names.at(-1) ?? '', new RegExp(`^source ${String(count - 1).padStart(5, '0')} x{60}$`))
    })
  }

  it('are the same bytes each time for the same YAML', async () => {
    const digests = new Set<string | undefined>()
    for (let round = 0; round < 5; round += 1) {
      writeAdvisoryDatabase(folder)
      digests.add((await readAdvisoryDatabase(folder)).vulnerabilities?.sha256)
    }
    assert.equal(digests.size, 1)
    assert.match([...digests][0] ?? '', /^[0-9a-f]{64}$/)
    assert.notEqual([...digests][0], sha256Hex(''))
  })
})
