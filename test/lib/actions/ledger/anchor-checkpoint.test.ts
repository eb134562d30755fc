import assert from 'node:assert/strict'
import {anchorCheckpoint} from '../../../../src/lib/actions/ledger/anchor-checkpoint.ts'
import {checkpointKey, timestampKey} from '../../../../src/lib/evidence/key.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {anchoredLog, PINNED, stampOf, TIME, TSA, type AnchoredLog} from './anchored-log.ts'

const COPIES = ['s3://auditor/checkpoints', 's3://elsewhere/checkpoints'] as const

describe('anchorCheckpoint', () => {
  const anchored = async (log: AnchoredLog, n: number) => anchorCheckpoint({n, note: log.checkpoint(n).note}, log.context)
  const states = async (log: AnchoredLog, n: number) => {
    const {anchors, exitCode} = await anchored(log, n)
    return [exitCode, ...anchors.map(({kind, state, ...more}) => `${kind} ${state}${'code' in more ? ` ${more.code}` : ''}`)]
  }
  const full = (parts?: Parameters<typeof anchoredLog>[1]) => {
    const log = anchoredLog({copies: [...COPIES], timestamp: TSA, 'timestamp-authorities': [PINNED]}, parts)
    for (const copy of COPIES) log.others.set(copy, memoryStore())
    return log
  }

  it('does nothing where no anchor is configured', async () => {
    const log = anchoredLog()
    assert.deepEqual(await states(log, await log.grow()), [0])
  })

  it('has it timestamped, then copies both, once', async () => {
    const log = full()
    const n = await log.grow()
    assert.deepEqual(await anchored(log, n), {
      anchors: [{kind: 'timestamp', where: TSA, state: 'written', time: TIME}, ...COPIES.map((where) => ({kind: 'copy', where, state: 'written'}))],
      exitCode: 0,
    })
    for (const copy of COPIES)
      assert.deepEqual(Array.from(log.others.get(copy)?.objects ?? []), [
        [checkpointKey(n), new Uint8Array(Buffer.from(log.checkpoint(n).note))],
        [timestampKey(n), new Uint8Array(stampOf(log.checkpoint(n).note))],
      ])
    assert.deepEqual(await states(log, n), [0, 'timestamp present', 'copy present', 'copy present'])
    assert.deepEqual(log.asked, [TSA])
  })

  it('serves the others where one fails, names it, and tries it again', async () => {
    const log = full()
    const n = await log.grow()
    log.answers = false
    const [missing] = COPIES
    const held = log.others.get(missing) ?? memoryStore()
    log.others.delete(missing)
    assert.deepEqual(await states(log, n), [4, 'timestamp failed timestamp.unreachable', 'copy failed store.unreachable', 'copy written'])
    log.answers = true
    log.others.set(missing, held)
    assert.deepEqual(await states(log, n), [0, 'timestamp written', 'copy written', 'copy present'])
  })

  it('ends with the worse of two failures: another history before an outage', async () => {
    const log = full()
    const n = await log.grow()
    await log.others.get(COPIES[1])?.put(checkpointKey(n), Buffer.from('another history'))
    log.others.delete(COPIES[0])
    assert.deepEqual(await states(log, n), [5, 'timestamp written', 'copy failed store.unreachable', 'copy failed log.forked'])
  })

  it('stores no timestamp that no pinned authority vouches for', async () => {
    const log = full(() => ({timestamp: async () => Buffer.from('by somebody else')}))
    const n = await log.grow()
    assert.deepEqual(await states(log, n), [4, 'timestamp failed timestamp.unreachable', 'copy written', 'copy written'])
    assert.equal(await log.store.get(timestampKey(n)), undefined)
  })

  it('takes the timestamp that another sealer stored in between', async () => {
    let looked = 0
    const log = full((store) => ({store: async () => ({...store, get: async (key) => ((looked += 1) === 1 ? undefined : store.get(key))})}))
    const n = await log.grow()
    const {note} = log.checkpoint(n)
    await log.store.put(timestampKey(n), stampOf(note))
    assert.deepEqual((await anchored(log, n)).anchors[0], {kind: 'timestamp', where: TSA, state: 'present', time: TIME})
  })

  it('tells a stored timestamp that is about something else', async () => {
    const log = full()
    const n = await log.grow()
    await log.store.put(timestampKey(n), stampOf('another'))
    assert.deepEqual((await states(log, n)).slice(0, 2), [4, 'timestamp failed timestamp.unreachable'])
  })
})
