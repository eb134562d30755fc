import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {gzipSync} from 'node:zlib'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {renderVerifyEvidence} from '../../../../src/lib/cli/render/verify-evidence.ts'
import {blobKey, recordKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex, type SealedRecord} from '../../../../src/lib/evidence/record.ts'
import {EvidenceWriter, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'

const LOG = Buffer.from('all is well')
const LOG_KEY = blobKey(sha256Hex(LOG))

/** A whole run: start, test with a blob, sbom, end. */
async function filled(): Promise<{store: MemoryStore; records: SealedRecord[]; writer: EvidenceWriter}> {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  const run = writer.run()
  const records = [
    await writer.start(run, ['test', 'sbom']),
    await writer.write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0}, {run, blobs: {'log.txt': LOG}}),
    await writer.sbom(image('a'), [{name: 'x', version: '1.0.0'}], {run}),
    await writer.end(run),
  ]
  return {store, records, writer}
}

async function verify(store: MemoryStore, blobs = true) {
  const result = await verifyEvidence({blobs}, quietContext({store: async () => store}))
  return {...result, found: result.findings.map(({code, key}) => [code, key])}
}

function flip(store: MemoryStore, key: string, at = 20): void {
  const bytes = store.objects.get(key) ?? assert.fail(key)
  bytes[at] = (bytes[at] ?? 0) ^ 1
}

describe('the evidence', () => {
  it('is whole', async () => {
    const {store} = await filled()
    const {verdict, records, runs, blobs, blobsRead, findings, exitCode} = await verify(store)
    assert.deepEqual(
      {verdict, records, runs, blobs, blobsRead, findings, exitCode},
      {verdict: 'verified', records: 4, runs: 1, blobs: 2, blobsRead: true, findings: [], exitCode: 0},
    )
  })

  it('is missing where there is none at all', async () => {
    const {verdict, exitCode, found} = await verify(memoryStore())
    assert.deepEqual([verdict, exitCode, found], ['missing', 6, [['record.not-found', 'folder:/memory/evidence']]])
  })

  it('is altered by any byte of any record, and only that is said', async () => {
    const {records} = await filled()
    for (const index of records.keys()) {
      for (const at of [0, 10, -1]) {
        const {store, records: own} = await filled()
        const key = own[index]?.key ?? ''
        flip(store, key, at < 0 ? (store.objects.get(key)?.length ?? 0) + at : at)
        const {found, exitCode, verdict} = await verify(store)
        assert.deepEqual(
          found.filter(([code]) => code !== 'run.no-end'),
          [['record.altered', key]],
        )
        assert.deepEqual([exitCode, verdict], [5, 'failed'])
      }
    }
  })

  it('is altered where bytes are cut off or added', async () => {
    for (const change of [
      (bytes: Uint8Array) => bytes.subarray(0, 30),
      (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('x')]),
      () => new Uint8Array(),
    ]) {
      const {store, records} = await filled()
      const key = records[1]?.key ?? ''
      store.objects.set(key, change(store.objects.get(key) ?? assert.fail()))
      assert.deepEqual((await verify(store)).found, [['record.altered', key]])
    }
  })

  it('lacks what was taken away: a gap, and no tampering', async () => {
    const {store, records} = await filled()
    store.objects.delete(records[1]?.key ?? '')
    const {found, exitCode, verdict} = await verify(store)
    assert.deepEqual(found, [
      ['chain.gap', records[2]?.key],
      ['run.missing-step', records[3]?.key],
    ])
    assert.deepEqual([exitCode, verdict], [6, 'missing'])
  })

  it('is tampered with, whatever is missing besides', async () => {
    const {store, records} = await filled()
    store.objects.delete(records[3]?.key ?? '')
    flip(store, LOG_KEY, 0)
    const {found, exitCode} = await verify(store)
    assert.deepEqual(found, [
      ['blob.altered', LOG_KEY],
      ['run.no-end', records[0]?.key],
    ])
    assert.equal(exitCode, 5)
  })

  it('holds nothing that is no record of this schema', async () => {
    const {store} = await filled()
    const strange = gzipSync('{"specversion":"1.0"}\n')
    const key = recordKey('test', '01JGFJJZ00ABCDEFGHJKMNPQRS', sha256Hex(strange))
    store.objects.set(key, strange)
    const {found, exitCode} = await verify(store)
    assert.deepEqual([found, exitCode], [[['record.invalid', key]], 5])
  })

  it('has every record under its own name', async () => {
    const {store, records} = await filled()
    const [, test] = records
    assert.ok(test !== undefined)
    const elsewhere = recordKey('deployment', test.record.id, test.sha256)
    store.objects.set(elsewhere, test.bytes)
    store.objects.delete(test.key)
    // As a deployment it is no test that reported.
    assert.deepEqual((await verify(store)).found, [
      ['record.misplaced', elsewhere],
      ['run.missing-step', records[3]?.key],
    ])
    store.objects.set(test.key, test.bytes)
    assert.deepEqual(
      (await verify(store)).found.map(([code]) => code),
      ['record.misplaced', 'chain.fork', 'chain.fork'],
    )
  })

  it('has nothing beside it', async () => {
    const {store, records} = await filled()
    const wrongDay = records[1]?.key.replace(/dt=\d{4}/, 'dt=1999') ?? ''
    for (const key of ['notes.txt', wrongDay, `blobs/sha256/00/${'1'.repeat(64)}`, 'records/v1/test/\u001b[2J']) store.objects.set(key, Buffer.from('x'))
    const {found, exitCode} = await verify(store)
    assert.equal(exitCode, 5)
    assert.deepEqual(
      found.map(([code]) => code),
      Array.from({length: 4}, () => 'record.unknown-object'),
    )
  })

  it('has nothing that lists as a file and is none', async () => {
    const {store, records} = await filled()
    const [, test] = records
    const unreadable: MemoryStore = {...store, read: async (key) => (key === test?.key || key === LOG_KEY ? undefined : store.read(key))}
    assert.deepEqual((await verify(unreadable)).found.slice(0, 2), [
      ['record.unknown-object', LOG_KEY],
      ['record.unknown-object', test?.key],
    ])
  })

  it('says of a blob that no record names, which is no fault', async () => {
    const {store, records} = await filled()
    const [orphan, unnamed] = [Buffer.from('left by a killed writer'), (result: Awaited<ReturnType<typeof verify>>) => result.unnamedBlobs]
    assert.deepEqual(unnamed(await verify(store)), {count: 0, first: []})
    store.objects.set(blobKey(sha256Hex(orphan)), orphan)
    for (const read of [true, false]) {
      const result = await verify(store, read)
      assert.deepEqual([result.exitCode, result.verdict, result.findings], [0, 'verified', []])
      assert.deepEqual(unnamed(result), {count: 1, first: [sha256Hex(orphan)]})
      assert.match(result.notes.join(), /,1 blob is named by no readable record/)
      assert.match(result.does_not_prove.join(), /removed as a whole/)
    }
    store.objects.delete(records[1]?.key ?? '')
    assert.deepEqual(unnamed(await verify(store)).count, 2)
  })

  it('words missing steps as they are gathered in a line', async () => {
    const {store, writer} = await filled()
    const run = writer.run()
    await writer.start(run, ['scan', 'gate'])
    await writer.end(run, [run], ['scan', 'gate'])
    assert.match(
      stripVTControlCharacters(renderVerifyEvidence(await verify(store))),
      new RegExp(`\n {2}run\\.missing-step: steps scan, gate of run ${run.runid} never reported\n`),
    )
  })

  describe('has every blob', () => {
    it('that a record names', async () => {
      const {store, records} = await filled()
      store.objects.delete(LOG_KEY)
      for (const read of [true, false]) {
        const {found, exitCode} = await verify(store, read)
        assert.deepEqual([found, exitCode], [[['blob.missing', records[1]?.key]], 5])
      }
    })

    it('in its bytes, unless they are not to be read', async () => {
      const {store} = await filled()
      flip(store, LOG_KEY, 0)
      assert.deepEqual((await verify(store)).found, [['blob.altered', LOG_KEY]])
      const unread = await verify(store, false)
      assert.deepEqual([unread.found, unread.exitCode, unread.blobsRead], [[], 0, false])
    })

    it('in the size that the record says', async () => {
      const {store, writer} = await filled()
      const [record] = [writer.seal('test', {name: 'x', passed: 1, failed: 0, skipped: 0}, {blobs: {'log.txt': LOG}})]
      const forged = structuredClone(record.record)
      forged.data.blobs.forEach((blob) => (blob.size += 1))
      const bytes = gzipSync(`${JSON.stringify(forged)}\n`)
      const key = recordKey('test', forged.id, sha256Hex(bytes))
      store.objects.set(key, bytes)
      assert.deepEqual((await verify(store)).found, [['blob.altered', key]])
    })

    it('that came while the store was being listed', async () => {
      const {store} = await filled()
      const late: MemoryStore = {
        ...store,
        async *versions(prefix) {
          for await (const version of store.versions(prefix)) if (version.key !== LOG_KEY || prefix !== '') yield version
        },
      }
      assert.deepEqual((await verify(late)).found, [])
    })
  })
})
