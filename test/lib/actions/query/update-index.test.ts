import assert from 'node:assert/strict'
import {updateIndex, type IndexState} from '../../../../src/lib/actions/query/update-index.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {TABLE_NAMES, TABLES} from '../../../../src/lib/index/tables.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import {EvidenceWriter, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {queryContext} from '../../../fakes/query-context.ts'

/** Everything in the index, table by table. */
async function contents(context: Context): Promise<Record<string, readonly unknown[]>> {
  const index = await context.index()
  try {
    const tables = await Promise.all(
      TABLE_NAMES.map(
        async (table) => [table, (await index.ask(`SELECT * FROM ${table} ORDER BY ${Object.keys(TABLES[table]).join(', ')}`, {})).rows] as const,
      ),
    )
    return Object.fromEntries(tables)
  } finally {
    await index.close()
  }
}

async function writeSome(writer: EvidenceWriter, name: string): Promise<void> {
  const run = writer.run()
  await writer.start(run)
  await writer.sbom(
    image(name),
    [
      {name: 'lib', version: '1'},
      {name: `only-${name}`, version: '1'},
    ],
    {run},
  )
  await writer.scan(image(name), {run})
  await writer.gate(image(name), 'pass', {run})
  await writer.signature(image(name), {run})
  await writer.verification(image(name), 'verified', {run})
  await writer.end(run)
  await writer.admission(image(name))
  await writer.deployment(image(name))
}

describe('updateIndex', () => {
  let store: MemoryStore
  let writer: EvidenceWriter
  let remove: () => Promise<void>
  let context: Context
  const update = (fresh = false): Promise<IndexState> => updateIndex({fresh}, context)

  beforeEach(async () => {
    store = memoryStore()
    writer = new EvidenceWriter(store)
    ;({context, remove} = await queryContext(store))
  })

  afterEach(() => remove())

  it('gives the same rows step by step, at once, and again from nothing', async () => {
    for (const name of ['v1', 'v2', 'v3']) {
      await writeSome(writer, name)
      assert.equal((await update()).added, 9)
    }
    const stepwise = await contents(context)
    assert.equal(stepwise['records']?.length, 27)
    const other = await queryContext(store)
    try {
      await updateIndex({fresh: false}, other.context)
      assert.deepEqual(await contents(other.context), stepwise)
    } finally {
      await other.remove()
    }
    assert.equal((await update(true)).added, 27)
    assert.deepEqual(await contents(context), stepwise)
  })

  it('reads nothing twice', async () => {
    await writeSome(writer, 'v1')
    await update()
    store.get = async (key) => assert.fail(`${key} was read again`)
    assert.equal((await update()).added, 0)
  })

  it('takes in what two of them find at the same time once', async () => {
    await writeSome(writer, 'v1')
    const states = await Promise.all([update(), update(), update()])
    assert.deepEqual(states.map(({added}) => added).toSorted(), [0, 0, 9])
    assert.equal((await contents(context))['records']?.length, 9)
  })

  it('stops at an altered record, and indexes nothing', async () => {
    await writeSome(writer, 'v1')
    const key = [...store.objects.keys()].findLast((name) => name.startsWith('records/')) ?? ''
    const bytes = store.objects.get(key) ?? new Uint8Array()
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await assert.rejects(update(), {code: 'record.altered', exitCode: 5})
    assert.deepEqual((await contents(context))['records'], [])
  })

  it('finds a record that was altered after it was indexed when the index is built anew', async () => {
    const {key} = await writer.gate(image('v1'), 'pass')
    await update()
    store.objects.set(key, Buffer.from('other'))
    await update()
    await assert.rejects(update(true), {code: 'record.altered'})
  })

  it('stops at an altered or missing blob', async () => {
    await writer.sbom(image('v1'), [])
    const key = [...store.objects.keys()].find((name) => name.startsWith('blobs/')) ?? ''
    store.objects.set(key, Buffer.from('other'))
    await assert.rejects(update(), {code: 'blob.altered', exitCode: 5})
    store.objects.delete(key)
    await assert.rejects(update(), {code: 'blob.missing', exitCode: 5})
  })

  it('notices a record that is gone, remembers it through a rebuild, and forgives it when it is back', async () => {
    const {key, bytes} = await writer.gate(image('v1'), 'pass')
    await writer.gate(image('v2'), 'pass')
    await update()
    store.objects.delete(key)
    for (const fresh of [false, false, true, true, false]) assert.deepEqual((await update(fresh)).gone, [key])
    assert.equal((await contents(context))['records']?.length, 1)
    store.objects.set(key, bytes)
    assert.deepEqual(await update(), {added: 1, gone: [], goneCount: 0, foreign: [], foreignCount: 0})
    assert.deepEqual((await update()).gone, [])
    assert.equal((await contents(context))['records']?.length, 2)
  })

  it('names what lies among the records and is none', async () => {
    store.objects.set('records/v1/gate/note.txt', Buffer.from('x'))
    store.objects.set('records/v1/ünder', Buffer.from('x'))
    const {foreign, added} = await update()
    assert.deepEqual(foreign, ['records/v1/gate/note.txt', 'records/v1/ünder'])
    assert.equal(added, 0)
  })

  it('makes a fault, once, of evidence that is whole but cannot be read', async () => {
    const good = await writer.gate(image('v1'), 'pass')
    const junk = Buffer.from('not gzip')
    const junkKey = good.key
      .replace(good.record.id, '01JZ8Q4X5T7V9W2Y3A4B5C6D7E')
      .replace(/dt=[0-9-]+/, 'dt=2025-07-03')
      .replace(good.sha256, sha256Hex(junk))
    store.objects.set(junkKey, junk)
    const copied = good.key.replace('/gate/', '/scan/')
    store.objects.set(copied, good.bytes)
    await update()
    await update()
    const faults = (await contents(context))['faults'] as readonly {code: string; record_key: string}[]
    assert.deepEqual(faults.map(({code, record_key: key}) => [code, key]).toSorted(), [
      ['record.invalid', junkKey],
      ['record.misplaced', copied],
    ])
  })

  it('makes a fault of a document that is none, and goes on', async () => {
    const bytes = Buffer.from('{"spdxVersion":"SPDX-9"}')
    await store.put(blobKey(sha256Hex(bytes)), bytes)
    await writer.write(
      'sbom',
      {format: 'spdx-2.3+json', packages: 0, platforms: [{platform: 'linux/amd64', packages: 0, blob: 'sbom.spdx.json'}], unscanned: []},
      {subject: image('v1'), blobs: {'sbom.spdx.json': bytes}},
    )
    await writer.sbom(image('v2'), [{name: 'lib', version: '1'}])
    await update()
    const {faults, components} = await contents(context)
    assert.equal(faults?.length, 1)
    assert.equal(components?.length, 1)
  })
})
