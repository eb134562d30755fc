import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {exportLog} from '../../../../src/lib/actions/ledger/export-log.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {sealKey} from '../../../../src/lib/evidence/key.ts'
import {parseCheckpoint} from '../../../../src/lib/ledger/checkpoint.ts'
import type {ProjectFiles} from '../../../../src/lib/ports/context.ts'
import {projectFiles} from '../../../../src/lib/project/project-files.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {naiveRoot} from '../../../fakes/naive-tree.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'
import {scratch} from '../../../scratch.ts'

const KEY = testCheckpointKey()
const withCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

describe('exporting the log', function () {
  this.timeout(30_000)
  const folder = scratch()
  const files = projectFiles(() => async () => undefined)
  let store: MemoryStore
  let writer: EvidenceWriter
  let out: string
  beforeEach(async () => {
    store = memoryStore()
    writer = new EvidenceWriter(store)
    out = join(folder(), 'deep', 'log')
    await write(writer, 300)
    await sealStore(store, {per: 90})
  })

  const run = async (project: ProjectFiles = files, from = store) =>
    exportLog({out, keys: [KEY.verifier.text]}, quietContext({store: async () => from, project: async () => project}))
  const at = (path: string) => join(out, path)

  it('writes checkpoint, tiles and entries, and the entries make the root', async () => {
    const {size, root, written, present, keys} = await run()
    assert.deepEqual([size, written, present, keys], [300, 5, 0, [KEY.verifier.text]])
    assert.deepEqual(filesIn(out), ['checkpoint', 'tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/44'])
    const leaves = ['tile/entries/000', 'tile/entries/001.p/44'].flatMap((path) => entriesOf(readFileSync(at(path))))
    const checkpoint = parseCheckpoint(readFileSync(at('checkpoint')))
    assert.deepEqual([naiveRoot(leaves), checkpoint.root, checkpoint.size], [root, root, 300])
    assert.equal(
      readFileSync(at('tile/0/000')).toString('hex', 0, 32),
      createHash('sha256')
        .update(Uint8Array.of(0))
        .update(leaves[0] ?? '')
        .digest('hex'),
    )
  })

  it('adds only what is new, and touches nothing that is full', async () => {
    await run()
    const before = statSync(at('tile/0/000')).ino
    await write(writer, 250)
    await sealStore(store, {per: 90})
    const {size, written, present} = await run()
    assert.deepEqual([size, written, present], [550, 5, 2])
    assert.equal(statSync(at('tile/0/000')).ino, before)
    assert.equal(parseCheckpoint(readFileSync(at('checkpoint'))).size, 550)
    assert.deepEqual([(await run()).written, (await run()).present], [0, 7])
  })

  it('mends what is missing, and refuses what was changed', async () => {
    await run()
    rmSync(at('tile/0/000'))
    assert.deepEqual((await run()).written, 1)
    for (const path of ['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']) {
      const bytes = readFileSync(at(path))
      writeFileSync(at(path), Buffer.concat([bytes.subarray(0, -1), Uint8Array.of((bytes.at(-1) ?? 0) ^ 1)]))
      await assert.rejects(run(), withCode('export.altered'), path)
      writeFileSync(at(path), bytes)
    }
    writeFileSync(at('checkpoint'), 'x')
    await assert.rejects(run(), withCode('export.altered'))
  })

  it('puts the checkpoint last: whoever reads it finds the tiles that it is about', async () => {
    const order: string[] = []
    const watched: ProjectFiles = {
      ...files,
      async replace(path, bytes) {
        order.push(path.slice(out.length + 1))
        await files.replace(path, bytes)
      },
    }
    await run(watched)
    assert.equal(order.at(-1), 'checkpoint')
    assert.equal(order.filter((path) => path === 'checkpoint').length, 1)
  })

  it('leaves the older export whole wherever it is stopped, and goes on from there', async () => {
    await run()
    const older = readFileSync(at('checkpoint'), 'utf8')
    await write(writer, 300)
    await sealStore(store)
    for (let left = 0; left < 7; left += 1) {
      let more = left
      const failing: ProjectFiles = {
        ...files,
        async replace(path, bytes) {
          if (more === 0) throw new AppError('usage.input', 'the disk is full')
          more -= 1
          await files.replace(path, bytes)
        },
      }
      await run(failing).catch(() => undefined)
      if (readFileSync(at('checkpoint'), 'utf8') !== older) break
      assert.ok(existsSync(at('tile/0/001.p/44')))
    }
    const {size} = await run()
    assert.deepEqual([size, parseCheckpoint(readFileSync(at('checkpoint'))).size], [600, 600])
  })

  it('does not mix two logs, and never goes back', async () => {
    await run()
    const shorter = memoryStore()
    await write(new EvidenceWriter(shorter), 10)
    await sealStore(shorter)
    await assert.rejects(run(files, shorter), withCode('log.truncated'))

    const forked = memoryStore()
    await write(new EvidenceWriter(forked, '2026-05-01T00:00:00.000Z'), 301)
    await sealStore(forked, {per: 290})
    await assert.rejects(run(files, forked), withCode('log.forked'))

    const named = testCheckpointKey('the log of the tests', 'elsewhere.example/log')
    const other = memoryStore()
    await write(new EvidenceWriter(other), 301)
    await sealStore(other, {key: named, origin: 'elsewhere.example/log'})
    const both = {out, keys: [KEY.verifier.text, named.verifier.text]}
    await assert.rejects(exportLog(both, quietContext({store: async () => other, project: async () => files})), withCode('usage.input'))
  })

  it('writes nothing of a log that nobody signed, or not with this key', async () => {
    const unsigned = memoryStore()
    await write(new EvidenceWriter(unsigned), 1)
    await sealStore(unsigned, {checkpoints: false})
    await assert.rejects(run(files, unsigned), withCode('checkpoint.missing'))
    const request = {out, keys: [testCheckpointKey('another').verifier.text]}
    await assert.rejects(exportLog(request, quietContext({store: async () => store, project: async () => files})), withCode('checkpoint.wrong-key'))
    assert.ok(!existsSync(out))
  })

  it('writes nothing of a log that does not come out as it was signed', async () => {
    const [seal] = await sealStore(memoryStoreOf(store), {per: 90, at: '2026-03-03T00:00:00.000Z'})
    store.objects.set(sealKey(1), seal?.bytes ?? Buffer.alloc(0))
    await assert.rejects(run(), withCode('seal.broken'))
    assert.ok(!existsSync(out))

    const forged = memoryStore()
    await write(new EvidenceWriter(forged, '2026-05-01T00:00:00.000Z'), 300)
    await sealStore(forged, {per: 90})
    for (const [key, bytes] of store.objects) if (key.startsWith('log/checkpoint/')) forged.objects.set(key, bytes)
    await assert.rejects(run(files, forged), withCode('checkpoint.contradicts'))
    assert.ok(!existsSync(out))
  })
})

/** The same records, not sealed. */
function memoryStoreOf({objects}: MemoryStore): MemoryStore {
  const copy = memoryStore()
  for (const [key, bytes] of objects) if (!key.startsWith('log/')) copy.objects.set(key, bytes)
  return copy
}

async function write(writer: EvidenceWriter, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await writer.write('test', {name: `suite ${at}`, passed: at, failed: 0, skipped: 0})
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

function entriesOf(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) entries.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)))
  return entries
}
