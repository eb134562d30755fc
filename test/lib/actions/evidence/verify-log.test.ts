/** Verifying a log that the sealer made: what follows a checkpoint, runs over many seals, deliveries, stores that fail. */
import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import {checkpointKey, recordKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {ask} from '../../../attacks/ask.ts'
import {bytesOf, TEST} from '../../../attacks/scene.ts'
import {bucketInHand} from '../../../attacks/stores.ts'
import {EvidenceWriter, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'
import {sealNow} from '../ledger/sealing-context.ts'

const START = '2026-03-02T08:00:00.000Z'
const KEPT = '/project/kept'
const at = (minutes: number) => new Date(Date.parse(START) + minutes * 60_000).toISOString()

/** A bucket, and the clock of all who touch it. */
function bucket() {
  const {store, clock, hands} = bucketInHand()
  clock.set(START)
  const asked: string[] = []
  const watched: EvidenceStore = {
    ...store,
    async read(key, version) {
      asked.push(key)
      return store.read(key, version)
    },
  }
  const seal = async (minutes: number) => {
    clock.set(at(minutes))
    return sealNow(store, {now: at(minutes)})
  }
  return {store: watched, asked, clock, hands, seal, writer: new EvidenceWriter(store, START)}
}

const codes = ({findings}: {readonly findings: readonly {readonly code: string}[]}) => findings.map(({code}) => code)

describe('a log that the sealer made', () => {
  it('is whole: in a bucket without reading a record, in a folder by reading each', async () => {
    const {store, asked, clock, seal, writer} = bucket()
    const folder = memoryStore({now: clock.now})
    const copy = new EvidenceWriter(folder, START)
    for (const one of [writer, copy]) {
      const run = one.run()
      await one.start(run)
      await one.scan(image('a'), {run})
      await one.end(run)
    }
    await seal(3)
    await sealNow(folder, {now: at(3)})
    const result = await ask(store, clock.now())
    assert.deepEqual([result.findings, result.exitCode, result.log?.size, result.blobsRead], [[], 0, 3, false])
    assert.deepEqual(asked, [sealKey(1), checkpointKey(1)])
    assert.match(result.notes.join(), /bytes were not read; --full reads them/)
    const inFolder = await ask(folder, clock.now())
    assert.deepEqual([inFolder.findings, inFolder.exitCode, inFolder.log?.size, inFolder.blobsRead], [[], 0, 3, true])
  })

  it('is read from the checkpoint on that was kept', async () => {
    const {store, asked, clock, hands, seal, writer} = bucket()
    const old = await writer.write('test', TEST)
    for (let count = 0; count < 5; count += 1) {
      await writer.write('test', TEST)
      await seal(count + 1)
    }
    const kept = await bytesOf(store, checkpointKey(4))
    const before = writer.run()
    await writer.start(before)
    asked.length = 0
    const files = {[KEPT]: kept}
    const asks = {sinceCheckpoint: KEPT, files}
    const {findings, log, unsealed, notes} = await ask(store, clock.now(), asks)
    assert.deepEqual([codes({findings}), log?.seals, log?.size, unsealed], [['run.no-end'], 1, 6, 1])
    assert.match(notes.join(), /what the first 5 entries of the log seal was not read/)
    assert.deepEqual(
      asked.filter((key) => key.startsWith('log/seal')),
      [sealKey(3), sealKey(5), sealKey(4), sealKey(5)],
    )
    // What was sealed before is counted.
    await hands.remove(old.key)
    const {findings: found, exitCode} = await ask(store, clock.now(), asks)
    assert.deepEqual(
      [found.map(({code, key}) => [code, key]), exitCode],
      [
        [
          ['record.deleted', 'records/v1/test/dt=2026-03-02/'],
          ['run.no-end', found[1]?.key],
        ],
        5,
      ],
    )
    assert.deepEqual(codes(await ask(store, clock.now(), {...asks, full: true})), ['record.deleted', 'run.no-end'])
  })

  it('is walked over signs of life that were sealed since', async () => {
    const {store, clock, hands, writer} = bucket()
    await writer.write('test', TEST)
    await sealStore(store, {at: at(1)})
    const asks = {sinceCheckpoint: KEPT, files: {[KEPT]: await bytesOf(store, checkpointKey(1))}}
    for (const minutes of [2, 3]) await sealStore(store, {at: at(minutes), heartbeat: true})
    const {findings, log} = await ask(store, clock.now(), asks)
    assert.deepEqual([findings, log?.seals, log?.newest.n, log?.checkpoint?.n], [[], 2, 3, 3])
    await hands.replace(checkpointKey(3), Buffer.from('x'))
    assert.deepEqual(codes(await ask(store, clock.now(), asks)), ['checkpoint.unreadable'])
    await hands.remove(sealKey(1))
    for (const n of [2, 3]) await hands.remove(sealKey(n))
    assert.deepEqual(codes(await ask(store, clock.now(), asks)).slice(0, 1), ['log.truncated'])
  })

  it('judges a run over many seals, and again when somebody comes after it was closed', async () => {
    const {store, clock, seal, writer} = bucket()
    const run = writer.run()
    await writer.start(run, ['test'])
    await seal(1)
    await writer.write('test', TEST, {run})
    await seal(2)
    const {key, sha256} = await writer.end(run)
    await seal(3)
    assert.deepEqual((await ask(store, clock.now())).findings, [])
    const late = await writer.write('test', TEST, {run: {...run, seq: 3, last: sha256}})
    const expected = [
      ['chain.gap', late.key],
      ['run.after-end', late.key],
    ]
    // Not sealed, and sealed: the same.
    assert.deepEqual(
      (await ask(store, clock.now())).findings.map((one) => [one.code, one.key]),
      expected,
    )
    await seal(4)
    assert.deepEqual(
      (await ask(store, clock.now())).findings.map((one) => [one.code, one.key]),
      expected,
      key,
    )
  })

  it('lets an implicit run go on in the next seal', async () => {
    const {store, clock, seal, writer} = bucket()
    const run = {runid: writer.id(START), job: 'main', seq: 0}
    for (let minute = 1; minute < 4; minute += 1) {
      await writer.write('test', TEST, {run})
      await seal(minute)
    }
    const {findings, runs} = await ask(store, clock.now())
    assert.deepEqual([findings, runs], [[], 1])
  })

  it('takes what waited in a spool for late, where a delivery names it', async () => {
    const {store, clock, seal, writer} = bucket()
    const late = [await writer.write('test', TEST, {at: at(-300)}), await writer.write('test', TEST, {at: at(-200)})]
    const detail = {records: late.map(({sha256}) => sha256).slice(0, 1), blobs: 0, oldest: at(-300), newest: at(-200)}
    await writer.write('delivery', detail)
    await seal(1)
    const {findings, notes, delivered, does_not_prove: open} = await ask(store, clock.now())
    assert.deepEqual(
      findings.map(({code, key}) => [code, key]),
      [['record.back-dated', late[1]?.key]],
    )
    // An insider can write a delivery, too: who reads this is told which record it is, what it says, and when it came.
    assert.deepEqual(
      delivered.map(({key}) => key),
      [late[0]?.key],
    )
    assert.ok(
      notes.some((note) =>
        note.startsWith(`1 record came late out of a spool, by the word of a delivery: ${late[0]?.key}: it gives ${at(-300)}, and came at `),
      ),
    )
    assert.match(open.join(), /that what came late was made when it says/)
    // A delivery that came late itself accounts for nothing.
    await writer.write('delivery', {...detail, records: [late[1]?.sha256 ?? '']}, {at: at(-100)})
    assert.deepEqual(codes(await ask(store, clock.now())), ['record.back-dated', 'record.back-dated'])
    await writer.write('delivery', {...detail, records: [late[1]?.sha256 ?? '']})
    assert.deepEqual(codes(await ask(store, clock.now())), ['record.back-dated'])
  })

  it('takes no delivery for a record that contradicts itself', async () => {
    const {store, clock, hands, writer, seal} = bucket()
    const {record} = writer.seal('test', TEST, {at: at(0)})
    const id = writer.id(at(-300))
    const bytes = gzipSync(`${JSON.stringify({...record, id})}\n`)
    await hands.force(recordKey('test', id, sha256Hex(bytes)), bytes)
    await writer.write('delivery', {records: [sha256Hex(bytes)], blobs: 0, oldest: at(-300), newest: at(0)})
    await seal(1)
    assert.deepEqual(codes(await ask(store, clock.now())), ['record.back-dated'])
  })

  it('is said to be tampered with also where not everything could be looked at', async () => {
    const {store, clock, hands, seal, writer} = bucket()
    await writer.write('test', TEST)
    await seal(1)
    const failing: EvidenceStore = {
      ...store,
      async *versions(prefix) {
        yield* store.versions(prefix)
        if (prefix === '' && failing !== store) throw new AppError('store.unreachable', 'the store does not answer')
      },
    }
    await assert.rejects(ask(failing, clock.now()), {code: 'store.unreachable'})
    await hands.force('notes.txt', Buffer.from('x'))
    const {findings, exitCode} = await ask(failing, clock.now())
    assert.deepEqual([codes({findings}), exitCode], [['record.unknown-object', 'store.unreachable'], 5])
  })

  it('is not counted up to a number that somebody made up', async () => {
    const {store, clock, hands, seal, writer} = bucket()
    await writer.write('test', TEST)
    await seal(1)
    await hands.force(sealKey(999_999_999_999), await bytesOf(store, sealKey(1)))
    const {findings} = await ask(store, clock.now())
    assert.deepEqual(
      findings.map(({code, key}) => [code, key]),
      [
        ['seal.missing', sealKey(2)],
        ['seal.broken', sealKey(999_999_999_999)],
      ],
    )
  })

  it('is owed where it is configured, also before the first seal', async () => {
    const {store, clock, writer} = bucket()
    await writer.write('test', TEST)
    const {notes, log} = await ask(store, clock.now())
    assert.deepEqual([log, notes.join().startsWith('not sealed')], [null, true])
    const {findings, exitCode} = await ask(store, clock.now(), {later: 25 * 60})
    assert.deepEqual([codes({findings}), exitCode], [['seal.stale-tail'], 6])
  })

  it('needs its checkpoint only once the sealer has had the time to sign', async () => {
    const {store, clock, writer} = bucket()
    await writer.write('test', TEST)
    await sealStore(store, {at: at(1), checkpoints: false})
    assert.deepEqual((await ask(store, clock.now())).findings, [])
    assert.deepEqual(codes(await ask(store, clock.now(), {later: 20})), ['checkpoint.missing'])
  })
})
