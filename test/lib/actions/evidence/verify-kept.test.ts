/** Verifying from what was kept elsewhere on: whoever owns the store, its key or a clock must not choose what is looked at. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import {checkpointKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {ask} from '../../../attacks/ask.ts'
import {buildScene, bytesOf, FIRST_SEAL, TEST} from '../../../attacks/scene.ts'
import {bucketInHand} from '../../../attacks/stores.ts'
import {ORIGIN, testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {sealStore, signedHead} from '../../../fakes/sealed-store.ts'
import {sealNow} from '../ledger/sealing-context.ts'

const START = '2026-03-02T08:00:00.000Z'
const KEPT = '/project/kept'
const DAY = 24 * 60
const at = (minutes: number) => new Date(Date.parse(START) + minutes * 60_000).toISOString()
const codes = ({findings}: {readonly findings: readonly {readonly code: string}[]}) => findings.map(({code}) => code)

/** A bucket with one record, whose clock is the test's. */
async function bucket() {
  const hand = bucketInHand()
  hand.clock.set(START)
  const writer = new EvidenceWriter(hand.store, START)
  await writer.write('test', TEST)
  const asks = async () => ({sinceCheckpoint: KEPT, files: {[KEPT]: await bytesOf(hand.store, checkpointKey(1))}})
  return {...hand, writer, asks}
}

describe('what was kept of a log', () => {
  it('is all looked at, also what is older than the checkpoint that is begun with', async () => {
    const {store, clock, key} = await buildScene(bucketInHand(), START)
    const other = Buffer.from(signedHead({origin: ORIGIN, size: 4, root: 'ab'.repeat(32)}, key))
    const files = {[KEPT]: await bytesOf(store, checkpointKey(2)), '/project/other': other}
    const {findings, exitCode} = await ask(store, clock.now(), {sinceCheckpoint: KEPT, anchors: ['other'], files})
    assert.deepEqual([findings.map(({code, key: from}) => [code, from]), exitCode], [[['log.forked', '/project/other']], 5])
  })

  it('lies somewhere else than what is doubted', async () => {
    const {store, clock} = await buildScene(bucketInHand(), START)
    for (const anchor of ['s3://memory/evidence', 's3://memory/evidence/copies'])
      await assert.rejects(ask(store, clock.now(), {anchors: [anchor]}), (error) => error instanceof AppError && error.code === 'usage.flag')
    const folder = {...store, address: 'folder:/project/evidence'}
    for (const anchor of ['evidence/log/checkpoint/000000000001', 'folder:evidence', 'folder:/project/evidence/.'])
      await assert.rejects(ask(folder, clock.now(), {sinceCheckpoint: anchor}), (error) => error instanceof AppError && error.code === 'usage.flag')
    const files = {'/project/evidence-kept/1': await bytesOf(store, checkpointKey(1))}
    assert.deepEqual((await ask(folder, clock.now(), {anchors: ['evidence-kept/1'], files})).findings, [])
  })

  it('is not begun with behind a seal that was taken away', async () => {
    const {store, clock, hands} = await buildScene(bucketInHand(), START)
    const files = {[KEPT]: await bytesOf(store, checkpointKey(2))}
    await hands.remove(FIRST_SEAL)
    const {findings} = await ask(store, clock.now(), {sinceCheckpoint: KEPT, files})
    assert.deepEqual(
      findings.map(({code, key}) => [code, key]),
      [['seal.missing', FIRST_SEAL]],
    )
  })
})

describe('what was there when a checkpoint was made', () => {
  it('is known by the clock of the store, not by a sealer whose clock is behind', async () => {
    const {store, clock, asks} = await bucket()
    clock.set(at(1))
    await sealNow(store, {now: at(-0.5)})
    const {findings, unsealed} = await ask(store, clock.now(), await asks())
    assert.deepEqual([findings, unsealed], [[], 0])
  })

  it('is known by the clock of the store, not by a sealer whose clock is ahead', async () => {
    const {store, clock, writer, asks} = await bucket()
    await sealNow(store, {now: at(30 * DAY)})
    clock.set(at(9 * DAY))
    await writer.write('test', {...TEST, name: 'late'})
    const result = await ask(store, clock.now(), await asks())
    assert.deepEqual([codes(result), result.unsealed], [['record.back-dated'], 1])
  })

  it('is not sealed for having come before the seal', async () => {
    const {store, clock, hands, writer, asks} = await bucket()
    const [first] = await sealStore(store, {at: at(1)})
    const {key} = await writer.write('test', {...TEST, name: 'between'})
    // The seal is a minute younger than what it does not have.
    clock.set(at(1))
    await hands.remove(sealKey(1))
    await store.put(sealKey(1), first?.bytes ?? new Uint8Array())
    const {findings, unsealed} = await ask(store, clock.now(), await asks())
    assert.deepEqual([findings, unsealed], [[], 1])
    assert.deepEqual(
      (await ask(store, clock.now(), {...(await asks()), later: 2 * DAY})).findings.map((one) => [one.code, one.key]),
      [['seal.stale-tail', key]],
    )
  })
})

describe('everything in a bucket', () => {
  it('has to be locked, where it is all read: blobs, seals and checkpoints, too', async () => {
    let weak: (() => undefined) | undefined
    const hand = bucketInHand(() => weak)
    const {store, clock, writer, seal} = await buildScene(hand, START)
    assert.deepEqual((await ask(store, clock.now(), {full: true})).findings, [])
    weak = () => undefined
    await writer.write('test', TEST, {blobs: {'log.txt': Buffer.from('not locked')}})
    await seal()
    const {findings, exitCode} = await ask(store, clock.now(), {full: true})
    const folders = findings.map(({code, key}) => `${code} ${key.split('/')[0]}`)
    assert.deepEqual([folders.toSorted(), exitCode], [['lock.missing blobs', 'lock.missing log', 'lock.missing log', 'lock.missing records'], 1])
  })
})

describe('a log that somebody has to know of', () => {
  it('is missed where a key is given, and there is none', async () => {
    const {store, clock} = await bucket()
    const result = await ask(store, clock.now(), {config: {}, keys: [testCheckpointKey().verifier.text]})
    assert.deepEqual([codes(result), result.exitCode], [['checkpoint.missing'], 6])
    assert.deepEqual(codes(await ask(store, clock.now(), {config: {}})), [])
  })

  it('shows no sign of life by a seal that is dated ahead, and the next sealer gives one', async () => {
    const {store, clock} = await bucket()
    await sealNow(store, {now: at(300 * DAY)})
    const sealing = {origin: ORIGIN, keys: [testCheckpointKey().verifier.text], 'max-lag': 86_400_000, heartbeat: 3_600_000}
    const asked = {later: 100 * DAY, config: {sealing}}
    assert.deepEqual(codes(await ask(store, clock.now(), asked)), ['seal.stale'])
    const {added} = await sealNow(store, {now: at(100 * DAY), sealing: {heartbeat: '1h'}})
    assert.deepEqual([added, codes(await ask(store, clock.now(), asked))], [{seals: 1, records: 0}, []])
  })
})
