import assert from 'node:assert/strict'
import {mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {openFolderIndex} from '../../../src/lib/duckdb/folder-index.ts'
import {withLock} from '../../../src/lib/lock.ts'
import type {EvidenceIndex, IndexUpdate} from '../../../src/lib/ports/evidence-index.ts'
import {ended, run, spoke, start} from '../../program.ts'

const addKeys = (index: EvidenceIndex, keys: readonly string[], fresh = false) =>
  index.update(fresh, async (update) => {
    for (const key of keys) await update.append('vanished', {record_key: key})
  })

async function keysOf(index: EvidenceIndex): Promise<unknown[]> {
  return (await index.ask('SELECT record_key FROM vanished ORDER BY record_key', {})).rows.map((row) => row['record_key'])
}

describe('the index folder', () => {
  let folder: string
  const open: EvidenceIndex[] = []
  const openIndex = async () => {
    const index = await openFolderIndex(folder, withLock)
    open.push(index)
    return index
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-index-'))
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((index) => index.close()))
    await rm(folder, {recursive: true, force: true})
  })

  it('has every table from the start, empty', async () => {
    const index = await openIndex()
    assert.deepEqual((await index.ask('SELECT count(*) AS count FROM components', {})).rows, [{count: 0}])
  })

  it('says how much a question can have read at most', async () => {
    const index = await openIndex()
    assert.equal((await index.ask('SELECT count(*) AS count FROM vanished', {})).bytes, 0)
    await addKeys(index, ['a', 'b'])
    assert.ok((await index.ask('SELECT count(*) AS count FROM vanished', {})).bytes > 0)
    assert.equal((await index.ask('SELECT count(*) AS count FROM components', {})).bytes, 0)
    assert.ok((await (await openIndex()).ask('SELECT count(*) AS count FROM vanished', {})).bytes > 0)
  })

  it('keeps what was added, and starts anew when asked to', async () => {
    await addKeys(await openIndex(), ['a', 'b'])
    await addKeys(await openIndex(), ['c'])
    assert.deepEqual(await keysOf(await openIndex()), ['a', 'b', 'c'])
    await addKeys(await openIndex(), ['d'], true)
    assert.deepEqual(await keysOf(await openIndex()), ['d'])
  })

  it('shows nothing of an update that failed', async () => {
    const index = await openIndex()
    await addKeys(index, ['a'])
    const failing = index.update(false, async (update) => {
      await update.append('vanished', {record_key: 'b'})
      throw new Error('stopped')
    })
    await assert.rejects(failing, /stopped/)
    assert.deepEqual(await keysOf(index), ['a'])
    await addKeys(index, ['c'])
    assert.deepEqual(await keysOf(index), ['a', 'c'])
  })

  it('goes on showing a reader what it had while another updates', async () => {
    const reader = await openIndex()
    await addKeys(await openIndex(), ['a'])
    assert.deepEqual(await keysOf(reader), ['a'])
    for (let count = 0; count < 5; count += 1) await addKeys(await openIndex(), [`b${count}`])
    assert.deepEqual(await keysOf(reader), ['a'])
  })

  it('knows the keys of earlier updates in order, also after a rebuild', async () => {
    const index = await openIndex()
    await addKeys(index, ['b', 'a'])
    const known = async (fresh: boolean) =>
      index.update(fresh, async (update: IndexUpdate) => {
        const keys = []
        for await (const item of update.known()) keys.push(item)
        return {keys, rebuild: update.rebuild}
      })
    const keys = [
      {key: 'a', indexed: false},
      {key: 'b', indexed: false},
    ]
    assert.deepEqual(await known(false), {keys, rebuild: false})
    assert.deepEqual(await known(true), {keys, rebuild: true})
  })

  it('rebuilds what another version of the tables made', async () => {
    const index = await openIndex()
    await addKeys(index, ['a'])
    const path = join(folder, 'CURRENT')
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"format":"[^"]*"/, '"format":"0-older"'))
    await assert.rejects(keysOf(await openIndex()), {code: 'index.stale'})
    assert.equal(await index.update(false, async ({rebuild}) => rebuild), true)
    assert.deepEqual(await keysOf(await openIndex()), [])
  })

  it('says so when a file of it is damaged or missing, instead of answering', async () => {
    await addKeys(await openIndex(), ['a'])
    const [part = ''] = await readdir(join(folder, 'parts'))
    await truncate(join(folder, 'parts', part), 10)
    await assert.rejects(keysOf(await openIndex()), {code: 'query.engine'})
    await rm(join(folder, 'parts', part))
    await assert.rejects(keysOf(await openIndex()), {code: 'query.engine'})
    await writeFile(join(folder, 'CURRENT'), '{"format":')
    await assert.rejects(keysOf(await openIndex()), {code: 'query.engine', message: /damaged/})
  })

  it('clears away what a killed update left', async () => {
    await mkdir(join(folder, 'incoming'), {recursive: true})
    await mkdir(join(folder, 'parts'), {recursive: true})
    await writeFile(join(folder, 'incoming', 'vanished.ndjson'), '{"record_key":"torn')
    await writeFile(join(folder, 'parts', 'vanished-00000000-0000-0000-0000-000000000000.parquet'), 'half')
    const index = await openIndex()
    await addKeys(index, ['a'])
    assert.deepEqual(await keysOf(index), ['a'])
    assert.equal((await readdir(join(folder, 'parts'))).length, 1)
    assert.ok(!(await readdir(folder)).includes('incoming'))
  })

  it('takes any number of rows at once', async () => {
    const index = await openIndex()
    const keys = Array.from({length: 20_000}, (_, number) => `${String(number).padStart(5, '0')}-${'x'.repeat(40)}`)
    await addKeys(index, keys)
    assert.deepEqual(await keysOf(index), keys)
  })

  it('removes what an engine spilled long ago, and leaves what one may be using', async () => {
    const index = await openIndex()
    const old = join(folder, 'spill-old')
    await mkdir(old)
    await mkdir(join(folder, 'spill-new'))
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    await utimes(old, yesterday, yesterday)
    await addKeys(index, ['a'])
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('spill-')),
      ['spill-new'],
    )
  })

  it('cannot be made where a file stands', async () => {
    const path = join(folder, 'file')
    await writeFile(path, '')
    await assert.rejects(openFolderIndex(path, withLock), {code: 'store.unreachable'})
  })

  it('loses nothing when two processes update it at once', async () => {
    const results = await Promise.all(['one', 'two'].map((name) => run('update-index', {folder, name, times: 12})))
    assert.deepEqual(
      results.map(({code, stderr}) => [code, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    )
    const expected = ['one', 'two'].flatMap((name) => Array.from({length: 12}, (_, count) => `${name}-${String(count).padStart(4, '0')}`))
    assert.deepEqual(await keysOf(await openIndex()), expected)
  }).timeout(60_000)

  it('is whole after a kill at any moment, and the next update is not held up', async () => {
    for (let round = 0; round < 4; round += 1) {
      const worker = start('update-index', {folder, name: `round${round}`, times: 9999})
      await spoke(worker)
      await sleep(Math.random() * 100)
      worker.kill('SIGKILL')
      await ended(worker)
      const index = await openIndex()
      const keys = (await keysOf(index)).filter((key) => String(key).startsWith(`round${round}-`))
      // Nothing torn, nothing twice, nothing left out in between.
      assert.deepEqual(
        keys,
        keys.map((_, count) => `round${round}-${String(count).padStart(4, '0')}`),
      )
      await addKeys(index, [`after${round}`])
      assert.ok((await keysOf(index)).includes(`after${round}`))
    }
  }).timeout(120_000)
})
