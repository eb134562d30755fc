/**
 * An exported log before a verifier that is not ours: Tessera's fsck, which rebuilds every tile and the root from the
 * entries, and knows only the specification (C2SP tlog-tiles) and the log's public key.
 *
 * It ends with 0 also where it found something, so its words are what counts; it may even not end, so it is given a time.
 */
import assert from 'node:assert/strict'
import {cpSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {builtTool} from '../../scripts/built-tool.ts'
import {exportLog} from '../../src/lib/actions/ledger/export-log.ts'
import {checkpointKey, recordKey, sealKey} from '../../src/lib/evidence/key.ts'
import type {Leaf} from '../../src/lib/ledger/leaf.ts'
import {run} from '../../src/lib/process.ts'
import {projectFiles} from '../../src/lib/project/project-files.ts'
import {testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {hex} from '../fakes/evidence-writer.ts'
import {memoryStore} from '../fakes/memory-store.ts'
import {quietContext} from '../fakes/quiet-context.ts'
import {nextSeal, signedHead} from '../fakes/sealed-store.ts'
import {scratch} from '../scratch.ts'

const KEY = testCheckpointKey()

describe('an exported log, before a verifier of others', function () {
  this.timeout(300_000)
  const folder = scratch()

  for (const size of [1, 255, 256, 257, 70_000])
    it(`is whole: ${size} records`, async () => {
      const {out, root} = await exported(folder(), size)
      const {held, text} = await fsck(out, KEY.verifier.text)
      assert.ok(held, text)
      assert.ok(text.includes(`log with size ${size} and root ${Buffer.from(root, 'hex').toString('base64')}`), text)
    })

  it('is whole after it has grown, beside what was exported before', async () => {
    const store = memoryStore()
    for (const size of [100, 256, 300, 600]) {
      await seal(store, size)
      const out = join(folder(), 'log')
      await exportTo(out, store)
      const {held, text} = await fsck(out, KEY.verifier.text)
      assert.ok(held, `${size}: ${text}`)
    }
  })

  it('is not, once a byte was changed, a file is missing, or another signed it', async () => {
    const {out} = await exported(folder(), 600)
    for (const path of ['tile/0/000', 'tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/001', 'tile/entries/002.p/88', 'checkpoint']) {
      for (const harm of [flipLast, rmSync]) {
        const copy = join(folder(), 'copy')
        cpSync(out, copy, {recursive: true})
        harm(join(copy, path))
        const {held, text} = await fsck(copy, KEY.verifier.text)
        assert.ok(!held, `${path}, ${harm.name}: ${text}`)
        rmSync(copy, {recursive: true})
      }
    }
    assert.ok(!(await fsck(out, testCheckpointKey('another').verifier.text)).held)
    assert.ok((await fsck(out, KEY.verifier.text)).held)
  })
})

async function exported(folder: string, size: number): Promise<{out: string; root: string}> {
  const store = memoryStore()
  await seal(store, size)
  const out = join(folder, 'log')
  return {out, root: await exportTo(out, store)}
}

async function exportTo(out: string, store: ReturnType<typeof memoryStore>): Promise<string> {
  const project = projectFiles(() => async () => undefined)
  return (await exportLog({out, keys: [KEY.verifier.text]}, quietContext({store: async () => store, project: async () => project}))).root
}

/** Seals for `size` records in all, of leaves alone: an export looks at nothing else. */
async function seal(store: ReturnType<typeof memoryStore>, size: number): Promise<void> {
  const seals = [...store.objects.keys()].filter((key) => key.startsWith('log/seal/')).length
  let before = lastOf.get(store)
  for (let n = seals + 1, done = before?.seal.size_after ?? 0; done < size; n += 1) {
    const entries = Array.from({length: Math.min(5_000, size - done)}, (_, at) => leafAt(done + at))
    before = nextSeal(before, entries)
    done += entries.length
    await store.put(sealKey(n), before.bytes)
    await store.put(checkpointKey(n), Buffer.from(signedHead({origin: before.seal.origin, size: done, root: before.seal.root_after}, KEY)))
  }
  if (before !== undefined) lastOf.set(store, before)
}

const lastOf = new WeakMap<object, ReturnType<typeof nextSeal>>()

function leafAt(index: number): Leaf {
  const id = `01KJPRZEX0${String(index).padStart(16, '0')}`
  const sha256 = hex(`record ${index}`)
  return {v: 1, key: recordKey('test', id, sha256), sha256, size: 400, last_modified: '2026-03-02T09:00:00.000Z', stream: 'test'}
}

async function fsck(out: string, verifier: string): Promise<{held: boolean; text: string}> {
  const file = `${out}.key`
  writeFileSync(file, verifier)
  const argv = [builtTool('tlog-fsck'), `--storage_url=${pathToFileURL(out).href}`, `--public_key=${file}`, '--ui=false', '--N=4'] as const
  const result = await run(argv, {timeout: 60_000})
  const text = result.kind === 'exited' ? `${result.stdout}${result.stderr}` : JSON.stringify(result)
  return {held: result.kind === 'exited' && result.exitCode === 0 && /Successfully fsck'd log/.test(text) && !/fsck failed/.test(text), text}
}

function flipLast(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
  writeFileSync(path, bytes)
}
