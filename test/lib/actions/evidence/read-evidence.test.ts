import assert from 'node:assert/strict'
import {listEvidence, type ListEvidenceRequest} from '../../../../src/lib/actions/evidence/list-evidence.ts'
import {parseSince} from '../../../../src/lib/actions/query/parse-since.ts'
import {showBlob, showEvidence} from '../../../../src/lib/actions/evidence/show-evidence.ts'
import {renderEvidenceList} from '../../../../src/lib/cli/render/list-evidence.ts'
import {blobKey, recordKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {EvidenceWriter, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'

const NOW = new Date('2026-03-02T08:00:00.000Z')
const LOG = Buffer.from([0x00, 0xff, 0x0a])

async function filled() {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  const run = writer.run()
  const records = [
    await writer.write('test', {name: 'old', passed: 1, failed: 0, skipped: 0}, {at: '2026-02-01T00:00:00.000Z'}),
    await writer.deployment(image('a'), {at: '2026-03-01T00:00:00.000Z', run}),
    await writer.write('test', {name: 'new', passed: 1, failed: 0, skipped: 0}, {at: '2026-03-02T00:00:00.000Z', blobs: {'log.bin': LOG}}),
  ]
  const context = quietContext({store: async () => store})
  const list = async (request: Partial<ListEvidenceRequest> = {}) => listEvidence({limit: 50, ...request}, context)
  return {store, records, context, list, run}
}

describe('evidence ls', () => {
  it('lists what is there, newest last', async () => {
    const {list, records} = await filled()
    const result = await list()
    assert.deepEqual(
      result.records.map(({id, state, stream}) => [id, state, stream]),
      records.map(({record}) => [record.id, 'whole', record.stream]),
    )
    assert.deepEqual([result.total, result.exitCode, result.store], [3, 0, 'folder:/memory/evidence'])
    assert.deepEqual(result.records[1], {
      id: records[1]?.record.id,
      key: records[1]?.key,
      stream: 'deployment',
      state: 'whole',
      time: '2026-03-01T00:00:00.000Z',
      runid: records[1]?.record.runid,
      job: 'main',
      seq: 0,
      subject: image('a'),
      environment: 'production',
      outcome: 'pass',
    })
  })

  it('says of a revocation what it does and why', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const about = {what: `sha256:${'a'.repeat(64)}`, since: '2026-03-01T00:00:00.000Z'}
    await writer.write('revocation', {action: 'revoke', reason: 'vulnerable', ...about})
    await writer.write('revocation', {action: 'reinstate', ...about})
    const {records} = await listEvidence({limit: 50}, quietContext({store: async () => store}))
    assert.deepEqual(
      records.map(({says}) => says),
      ['revoke: vulnerable', 'reinstate'],
    )
    assert.match(renderEvidenceList({store: '', records, total: 2, exitCode: 0}), /revoke: vulnerable/)
  })

  it('lists by stream, time and run, and the newest so many', async () => {
    const {list, run} = await filled()
    const names = async (request: Partial<ListEvidenceRequest>) => (await list(request)).records.map(({time}) => time.slice(0, 10))
    assert.deepEqual(await names({stream: 'test'}), ['2026-02-01', '2026-03-02'])
    assert.deepEqual(await names({stream: 'scan'}), [])
    assert.deepEqual(await names({since: '7d'}), ['2026-03-01', '2026-03-02'])
    assert.deepEqual(await names({since: '2026-03-02'}), ['2026-03-02'])
    assert.deepEqual(await names({run: run.runid}), ['2026-03-01'])
    assert.deepEqual(await names({limit: 2}), ['2026-03-01', '2026-03-02'])
    assert.equal((await list({limit: 2})).total, 3)
  })

  it('never leaves out what it cannot read', async () => {
    const {store, list, records, run} = await filled()
    const key = records[0]?.key ?? ''
    store.objects.set(key, Buffer.from('x'))
    const strange = recordKey('scan', '01JGFJJZ00ABCDEFGHJKMNPQRS', sha256Hex('y'))
    store.objects.set(strange, Buffer.from('y'))
    const result = await list({run: run.runid})
    assert.deepEqual(
      result.records.map((one) => [one.key, one.state]),
      [
        [strange, 'unreadable'],
        [key, 'altered'],
        [records[1]?.key, 'whole'],
      ],
    )
    assert.equal(result.exitCode, 5)
    assert.equal(result.records[0]?.time, '2025-01-01T00:00:00.000Z')
  })

  it('refuses a stream that is none', async () => {
    const {list} = await filled()
    await assert.rejects(list({stream: 'tests'}), {code: 'usage.flag'})
  })
})

describe('since', () => {
  it('is a span before now, or a moment', () => {
    assert.equal(parseSince('15m', NOW).toISOString(), '2026-03-02T07:45:00.000Z')
    assert.equal(parseSince('90d', NOW).toISOString(), '2025-12-02T08:00:00.000Z')
    assert.equal(parseSince('2026-01-02', NOW).toISOString(), '2026-01-02T00:00:00.000Z')
    assert.equal(parseSince('2026-01-02T03:04:05+01:00', NOW).toISOString(), '2026-01-02T02:04:05.000Z')
  })

  for (const text of ['', '7', 'd', '7w', '-1d', '2026-13-01', '2026-1-2', 'yesterday', '2026-01-02T03:04']) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseSince(text, NOW), {code: 'usage.flag'})
    })
  }
})

describe('evidence show', () => {
  it('shows the record, and that it holds', async () => {
    const {context, records} = await filled()
    const [, , test] = records
    assert.ok(test !== undefined)
    const expected = {
      key: test.key,
      sha256: test.sha256,
      holds: true,
      record: test.record,
      blobs: test.record.data.blobs.map((blob) => ({...blob, state: 'whole'})),
      exitCode: 0,
    }
    for (const id of [test.record.id, test.record.id.toLowerCase(), `urn:hipaa-ci:record:${test.record.id}`])
      assert.deepEqual(await showEvidence({id}, context), expected)
  })

  it('shows one that was altered as altered, one that cannot be read as such', async () => {
    const {store, context, records} = await filled()
    const [first, second] = records
    assert.ok(first !== undefined && second !== undefined)
    store.objects.set(first.key, second.bytes)
    const altered = await showEvidence({id: first.record.id}, context)
    assert.deepEqual([altered.holds, altered.exitCode, altered.record?.id], [false, 5, second.record.id])
    store.objects.set(first.key, Buffer.from('x'))
    const unreadable = await showEvidence({id: first.record.id}, context)
    assert.deepEqual([unreadable.holds, unreadable.exitCode, unreadable.record, unreadable.fault], [false, 5, undefined, 'record is not one gzipped JSON line'])
  })

  it('says what became of each blob', async () => {
    const {store, context, records} = await filled()
    const id = records[2]?.record.id ?? ''
    const key = blobKey(sha256Hex(LOG))
    store.objects.set(key, Buffer.from('other'))
    assert.deepEqual(
      (await showEvidence({id}, context)).blobs.map(({state}) => state),
      ['altered'],
    )
    await assert.rejects(showBlob({id, blob: 'log.bin'}, context), {code: 'blob.altered'})
    store.objects.delete(key)
    const missing = await showEvidence({id}, context)
    assert.deepEqual([missing.blobs.map(({state}) => state), missing.exitCode], [['missing'], 5])
    await assert.rejects(showBlob({id, blob: 'log.bin'}, context), {code: 'blob.missing'})
  })

  it("gives a blob's bytes", async () => {
    const {context, records, store} = await filled()
    const id = records[2]?.record.id ?? ''
    assert.deepEqual(Buffer.from(await showBlob({id, blob: 'log.bin'}, context)), LOG)
    await assert.rejects(showBlob({id, blob: 'log.txt'}, context), {code: 'usage.flag', message: 'the record has no blob "log.txt"'})
    store.objects.set(records[2]?.key ?? '', Buffer.from('x'))
    await assert.rejects(showBlob({id, blob: 'log.bin'}, context), {code: 'record.altered'})
  })

  it('finds no record that is not there, and none that is there twice', async () => {
    const {context, records, store} = await filled()
    await assert.rejects(showEvidence({id: '01JGFJJZ00ABCDEFGHJKMNPQRS'}, context), {code: 'record.not-found'})
    const id = records[0]?.record.id ?? ''
    store.objects.set(recordKey('test', id, 'f'.repeat(64)), Buffer.from('x'))
    await assert.rejects(showEvidence({id}, context), {code: 'chain.fork'})
  })
})
