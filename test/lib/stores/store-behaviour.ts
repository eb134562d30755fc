/** What every evidence store promises, as tests: call it with a way to make an empty one. */
import assert from 'node:assert/strict'
import {blobKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import type {EvidenceStore} from '../../../src/lib/ports/evidence-store.ts'
import {allOf} from '../../all-of.ts'

const ID = '01JGFJJZ00ABCDEFGHJKMNPQRS'
const record = (stream: string, words: string) => `records/v1/${stream}/dt=2025-01-01/${ID}-${sha256Hex(words)}.json.gz`

export function itBehavesAsAStore(open: () => Promise<EvidenceStore>): void {
  it('gives back what was put, byte for byte', async () => {
    const store = await open()
    const bytes = Uint8Array.from({length: 70_000}, (_, index) => (index * 7) % 256)
    assert.equal(await store.put(blobKey(sha256Hex(bytes)), bytes), 'written')
    assert.deepEqual(new Uint8Array((await store.get(blobKey(sha256Hex(bytes)))) ?? []), bytes)
  })

  it('holds empty objects', async () => {
    const store = await open()
    await store.put(blobKey(sha256Hex('')), new Uint8Array())
    assert.equal((await store.get(blobKey(sha256Hex(''))))?.length, 0)
  })

  it('says present the second time, and keeps what was there', async () => {
    const store = await open()
    const key = record('test', 'a')
    assert.equal(await store.put(key, Buffer.from('first')), 'written')
    assert.equal(await store.put(key, Buffer.from('second')), 'present')
    assert.equal(Buffer.from((await store.get(key)) ?? []).toString(), 'first')
  })

  it('has nothing where nothing was put', async () => {
    const store = await open()
    await store.put(record('test', 'a'), Buffer.from('a'))
    assert.equal(await store.get(record('test', 'b')), undefined)
    assert.equal(await store.get(record('scan', 'a')), undefined)
  })

  it("gives bytes that are the caller's own", async () => {
    const store = await open()
    const bytes = Buffer.from('as it was')
    await store.put(record('test', 'a'), bytes)
    bytes.fill(0)
    const first = await store.get(record('test', 'a'))
    first?.fill(0)
    assert.equal(Buffer.from((await store.get(record('test', 'a'))) ?? []).toString(), 'as it was')
  })

  it('lists all keys in byte order', async () => {
    const store = await open()
    const keys = [record('test', 'b'), blobKey(sha256Hex('z')), record('run', 'a'), record('test', 'a'), blobKey(sha256Hex('y')), record('scan', 'c')]
    for (const key of keys) await store.put(key, Buffer.from(key))
    assert.deepEqual(await allOf(store.list('')), keys.toSorted())
  })

  it('lists by prefix, also one that ends in the middle of a name', async () => {
    const store = await open()
    const keys = [record('scan', 'a'), record('sbom', 'a'), record('test', 'a')]
    for (const key of keys) await store.put(key, Buffer.from(key))
    assert.deepEqual(await allOf(store.list('records/v1/s')), keys.slice(0, 2).toSorted())
    assert.deepEqual(await allOf(store.list('records/v1/scan/')), keys.slice(0, 1))
    assert.deepEqual(await allOf(store.list(record('test', 'a'))), keys.slice(2))
    assert.deepEqual(await allOf(store.list('records/v2/')), [])
  })

  it('lets one of many writers of a key win, and tells the others', async () => {
    const store = await open()
    const bytes = Buffer.from('the same')
    const answers = await Promise.all(Array.from({length: 20}, () => store.put(record('test', 'a'), bytes)))
    assert.equal(answers.filter((answer) => answer === 'written').length, 1)
    assert.equal(answers.filter((answer) => answer === 'present').length, 19)
    assert.deepEqual(await allOf(store.list('')), [record('test', 'a')])
  })

  it('loses nothing of many writers at once', async () => {
    const store = await open()
    const keys = Array.from({length: 100}, (_, index) => record('test', `writer ${index}`))
    await Promise.all(keys.map((key) => store.put(key, Buffer.from(key))))
    assert.deepEqual(await allOf(store.list('')), keys.toSorted())
    for (const key of keys) assert.equal(Buffer.from((await store.get(key)) ?? []).toString(), key)
  })

  it('shows of each key what there is of it, in byte order', async () => {
    const store = await open()
    const keys = [record('test', 'b'), record('run', 'a'), record('test', 'a')].toSorted()
    for (const key of keys) await store.put(key, Buffer.from(key))
    await store.put(record('test', 'a'), Buffer.from('too late'))
    const shown = await allOf(store.versions(''))
    assert.deepEqual(
      shown.map(({key, kind, latest, size}) => ({key, kind, latest, size})),
      keys.map((key) => ({key, kind: 'object', latest: true, size: key.length})),
    )
    for (const {lastModified} of shown) assert.equal(new Date(lastModified).toISOString(), lastModified)
  })

  it('shows versions by prefix, and those after a key', async () => {
    const store = await open()
    const keys = ['a', 'b', 'c', 'd'].map((words) => record('scan', words)).toSorted()
    for (const key of [...keys, record('sbom', 'a'), record('test', 'a')]) await store.put(key, Buffer.from(key))
    const shown = async (prefix: string, after?: string) => (await allOf(store.versions(prefix, after))).map(({key}) => key)
    assert.deepEqual(await shown('records/v1/scan/'), keys)
    assert.deepEqual(await shown('records/v1/scan/', keys[1]), keys.slice(2))
    assert.deepEqual(await shown('records/v1/scan/', `${keys[1]}0`), keys.slice(2))
    assert.deepEqual(await shown('records/v1/scan/', keys[3]), [])
    assert.deepEqual(await shown('records/v1/s', record('sbom', 'a')), keys)
    assert.deepEqual(await shown('records/v2/'), [])
  })

  it('reads the very version that it shows', async () => {
    const store = await open()
    await store.put(record('test', 'a'), Buffer.from('as it was'))
    const [shown] = await allOf(store.versions(''))
    const [byVersion, current] = [await store.read(record('test', 'a'), shown?.version), await store.read(record('test', 'a'))]
    assert.equal(Buffer.from(byVersion?.bytes ?? []).toString(), 'as it was')
    assert.deepEqual(current, byVersion)
    assert.deepEqual([byVersion?.version, byVersion?.lastModified], [shown?.version, shown?.lastModified])
    assert.equal(await store.read(record('test', 'b')), undefined)
  })
}
