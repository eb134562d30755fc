import assert from 'node:assert/strict'
import {proveRecord} from '../../../../src/lib/actions/ledger/prove-record.ts'
import {verifyProof} from '../../../../src/lib/actions/ledger/verify-proof.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {sealKey} from '../../../../src/lib/evidence/key.ts'
import {sealRecord, type SealedRecord} from '../../../../src/lib/evidence/record.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {memoryStore, versionedMemoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'

const KEY = testCheckpointKey()
const withCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code
const noFiles = {exists: async () => false, read: async () => assert.fail('no file is to be read')}

describe('proving a record', () => {
  let store: MemoryStore
  let writer: EvidenceWriter
  let records: SealedRecord[]
  beforeEach(async () => {
    store = memoryStore()
    writer = new EvidenceWriter(store)
    records = await write(writer, 11)
    await sealStore(store, {per: 4})
  })

  const prove = async (id: string, from: EvidenceStore = store, key = KEY) =>
    proveRecord({id, keys: [key.verifier.text]}, quietContext({store: async () => from, files: noFiles}))
  const verify = async (proof: string) =>
    verifyProof({files: ['-'], keys: [KEY.verifier.text]}, {cwd: '/', files: {...noFiles, read: async () => Buffer.from(proof)}})

  it('makes one for each, by id, name or digest, and each holds', async () => {
    for (const {record, sha256, key} of records) {
      const {proof, log, index, ...rest} = await prove(record.id)
      assert.deepEqual(rest, {id: record.id, key, sha256, exitCode: 0})
      assert.equal(log.size, 11)
      for (const name of [`urn:hipaa-ci:record:${record.id}`, record.id.toLowerCase(), sha256, `sha256:${sha256}`])
        assert.equal((await prove(name)).proof, proof)
      const {proofs, exitCode} = await verify(proof)
      const [judged] = proofs
      assert.ok(exitCode === 0 && judged?.verdict === 'verified')
      assert.deepEqual([judged.record, judged.index, judged.log.size], [record, index, 11])
    }
  })

  it('goes on proving after the log has grown, by the newest checkpoint', async () => {
    await write(writer, 5)
    await sealStore(store)
    const {log, proof} = await prove(records[0]?.record.id ?? '')
    assert.equal(log.size, 16)
    assert.equal((await verify(proof)).exitCode, 0)
  })

  it('says that a record is not sealed yet: not at all, or by no checkpoint', async () => {
    const [late] = await write(writer, 1)
    const id = late?.record.id ?? ''
    await assert.rejects(prove(id), withCode('record.not-sealed'))
    await assert.rejects(prove(late?.sha256 ?? ''), withCode('record.not-sealed'))
    await sealStore(store, {checkpoints: false})
    await assert.rejects(prove(id), withCode('record.not-sealed'))
  })

  it('says that there is no such record, no log, and no key', async () => {
    await assert.rejects(prove('01JGFJJZ00ABCDEFGHJKMNPQRS'), withCode('record.not-found'))
    await assert.rejects(prove('0'.repeat(64)), withCode('record.not-found'))
    for (const none of ['', 'x', '01JGFJJZ00', 'sha256:00', '../../etc']) await assert.rejects(prove(none), withCode('usage.flag'))
    const bare = memoryStore()
    await new EvidenceWriter(bare).write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0})
    await assert.rejects(prove(records[0]?.record.id ?? '', bare), withCode('checkpoint.missing'))
    await assert.rejects(proveRecord({id: records[0]?.record.id ?? '', keys: []}, quietContext({store: async () => store})), withCode('checkpoint.no-key'))
  })

  it('hands out nothing by a checkpoint that somebody else signed', async () => {
    await assert.rejects(prove(records[0]?.record.id ?? '', store, testCheckpointKey('another')), withCode('checkpoint.wrong-key'))
  })

  it('hands out nothing of a record that is gone, or no longer what was sealed', async () => {
    const [gone, altered] = records
    store.objects.delete(gone?.key ?? '')
    store.objects.set(altered?.key ?? '', Buffer.from('x'))
    await assert.rejects(prove(gone?.record.id ?? ''), withCode('record.deleted'))
    await assert.rejects(prove(altered?.record.id ?? ''), withCode('record.altered'))
  })

  it('hands out nothing of what was unsound when it was sealed', async () => {
    const foreign = writer.seal('test', {name: 'unit', passed: 1, failed: 0, skipped: 0})
    store.objects.set(foreign.key, Buffer.from('no record'))
    await sealStore(store)
    await assert.rejects(prove(foreign.record.id), withCode('record.altered'))
  })

  it('hands out nothing from a log that does not come out as it was signed', async () => {
    const id = records[0]?.record.id ?? ''
    const third = store.objects.get(sealKey(3)) ?? Buffer.alloc(0)
    store.objects.delete(sealKey(3))
    await assert.rejects(prove(id), withCode('log.truncated'))
    store.objects.set(sealKey(3), store.objects.get(sealKey(2)) ?? Buffer.alloc(0))
    await assert.rejects(prove(id), withCode('seal.broken'))
    store.objects.set(sealKey(3), third)
    store.objects.delete(sealKey(2))
    await assert.rejects(prove(id), withCode('seal.missing'))
  })

  it('hands out nothing by a checkpoint of another log that the same key signed', async () => {
    const other = memoryStore()
    await write(new EvidenceWriter(other, '2026-04-01T00:00:00.000Z'), 11)
    await sealStore(other, {per: 4})
    for (const [key, bytes] of other.objects) if (key.startsWith('log/checkpoint/')) store.objects.set(key, bytes)
    await assert.rejects(prove(records[0]?.record.id ?? ''), withCode('checkpoint.contradicts'))
  })

  it('asks which one is meant where two records have one id', async () => {
    const [first] = records
    const twin = sealRecord({...first?.record, job: 'twin'})
    await store.put(twin.key, twin.bytes)
    await sealStore(store)
    await assert.rejects(prove(twin.record.id), withCode('chain.fork'))
    assert.equal((await prove(twin.sha256)).key, twin.key)
  })

  it('proves the version that was sealed first, whatever was put over it', async () => {
    const bucket = versionedMemoryStore()
    const [record] = await write(new EvidenceWriter(bucket), 1)
    await sealStore(bucket)
    bucket.force(record?.key ?? '', Buffer.from('a second version'))
    await sealStore(bucket)
    bucket.hide(record?.key ?? '')
    const {proof, index, log} = await prove(record?.record.id ?? '', bucket)
    assert.deepEqual([index, log.size, (await verify(proof)).exitCode], [0, 2, 0])
  })
})

async function write(writer: EvidenceWriter, count: number): Promise<SealedRecord[]> {
  const records: SealedRecord[] = []
  for (let at = 0; at < count; at += 1) records.push(await writer.write('test', {name: `suite ${at}`, passed: at, failed: 0, skipped: 0}))
  return records
}
