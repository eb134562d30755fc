import assert from 'node:assert/strict'
import {newestRecord} from '../../../../src/lib/actions/evidence/find-record.ts'
import {holdRecords, type HoldRecordsRequest} from '../../../../src/lib/actions/retention/hold-records.ts'
import {listHolds} from '../../../../src/lib/actions/retention/list-holds.ts'
import {renderHold, renderHolds} from '../../../../src/lib/cli/render/hold-records.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {image} from '../../../fakes/evidence-writer.ts'
import {lockedWorld, type WorldOptions} from './locked-world.ts'

const SHARED = Buffer.from('named by two')
const OWN = Buffer.from('named by one')
const keyOf = (bytes: Uint8Array) => blobKey(sha256Hex(bytes))

async function twoRecords(options: WorldOptions = {}) {
  const world = lockedWorld(options)
  const one = await world.writer.gate(image('a'), 'pass', {blobs: {'policy.json': SHARED, 'own.json': OWN}})
  const two = await world.writer.gate(image('b'), 'pass', {blobs: {'policy.json': SHARED}})
  // Of the same bucket, each command with a context of its own.
  const parts = {...world.controls}
  const context = (record = true) => ({...world.context(record), storeControls: async () => parts})
  const ask = (action: HoldRecordsRequest['action'], records: readonly string[], request: Partial<HoldRecordsRequest> = {}) =>
    holdRecords({action, records, reason: 'litigation', ...request}, context())
  const isHeld = (key: string) => world.locksOf(key).every((lock) => lock?.hold === true)
  const holds = async () => (await listHolds(context())).holds.map(({record}) => record)
  return {...world, context, parts, one, two, ask, isHeld, holds}
}

describe('evidence hold', () => {
  it('is put on the record and its blobs, with a record that says why, and nothing is written twice', async () => {
    const {ask, one, two, isHeld, store, holds, context} = await twoRecords()
    const {records} = await ask('add', [one.record.id], {ticket: 'LEGAL-17'})
    assert.deepEqual([records.length, records[0]?.objects, records[0]?.changed], [1, 3, true])
    assert.ok(isHeld(one.key) && isHeld(keyOf(SHARED)) && isHeld(keyOf(OWN)) && !isHeld(two.key))
    const written = await newestRecord('hold', '', store)
    assert.equal(written?.record.id, records[0]?.by)
    assert.deepEqual(written?.record.data.detail, {
      action: 'add',
      what: one.record.id,
      reason: 'litigation',
      ticket: 'LEGAL-17',
      since: '2026-03-02T08:00:00.000Z',
      objects: 3,
    })
    const again = await ask('add', [`urn:hipaa-ci:record:${one.record.id}`])
    assert.deepEqual([again.records[0]?.changed, again.records[0]?.by], [false, undefined])
    assert.match(renderHold(again), /already; nothing was written/)
    assert.deepEqual(await holds(), [one.record.id])
    assert.match(renderHolds(await listHolds(context())), /LEGAL-17/)
  })

  it('stands beside the lock, and leaves it as it is', async () => {
    const {ask, one, locksOf} = await twoRecords()
    const [before] = locksOf(one.key)
    await ask('add', [one.record.id])
    assert.deepEqual(locksOf(one.key), [{...before, hold: true}])
    await ask('remove', [one.record.id])
    assert.deepEqual(locksOf(one.key), [before])
  })

  it('is lifted, but not from what another held record names', async () => {
    const {ask, one, two, isHeld, holds} = await twoRecords()
    await ask('add', [one.record.id, two.record.id])
    const first = await ask('remove', [one.record.id], {reason: 'settled'})
    assert.deepEqual([first.records[0]?.kept, first.records[0]?.objects], [1, 2])
    assert.match(renderHold(first), /1 blob of it stay/)
    assert.ok(!isHeld(one.key) && !isHeld(keyOf(OWN)) && isHeld(keyOf(SHARED)) && isHeld(two.key))
    assert.deepEqual(await holds(), [two.record.id])
    await ask('remove', [two.record.id])
    assert.ok(!isHeld(keyOf(SHARED)) && !isHeld(two.key))
    assert.deepEqual(await holds(), [])
    const again = await ask('remove', [two.record.id])
    assert.equal(again.records[0]?.changed, false)
  })

  it('stays on a blob, where it is put on while it is lifted from another record that names it', async () => {
    const {ask, one, two, parts, isHeld, holds} = await twoRecords()
    await ask('add', [two.record.id])
    const {setHold} = parts
    let isFirst = true
    parts.setHold = async (...asked) => {
      // Lifting has begun: which blobs others need was looked up before.
      if (isFirst) {
        isFirst = false
        await ask('add', [one.record.id])
      }
      return setHold(...asked)
    }
    await ask('remove', [two.record.id])
    assert.deepEqual([await holds(), isHeld(keyOf(SHARED))], [[one.record.id], true])
  })

  it('stays on a blob, where it is lifted from another record before there is a record of it', async () => {
    const {ask, one, two, store, isHeld, holds} = await twoRecords()
    await ask('add', [two.record.id])
    const put = store.put.bind(store)
    store.put = async (...asked) => {
      store.put = put
      await ask('remove', [two.record.id])
      return put(...asked)
    }
    await ask('add', [one.record.id])
    assert.deepEqual([await holds(), isHeld(keyOf(SHARED))], [[one.record.id], true])
  })

  it('is lifted from both at once', async () => {
    const {ask, one, two, isHeld} = await twoRecords()
    await ask('add', [one.record.id, two.record.id])
    await ask('remove', [one.record.id, two.record.id])
    assert.ok(![one.key, two.key, keyOf(SHARED), keyOf(OWN)].some(isHeld))
  })

  it('is finished by the same command where it was interrupted', async () => {
    const {ask, one, isHeld, holds, parts, controls, store} = await twoRecords()
    let left = 2
    parts.setHold = async (...of) => {
      left -= 1
      if (left < 0) throw new AppError('store.unreachable', 'cut off')
      return controls.setHold(...of)
    }
    await assert.rejects(ask('add', [one.record.id]), {code: 'store.unreachable'})
    assert.deepEqual(await holds(), [])
    parts.setHold = controls.setHold
    const {put} = store
    store.put = async () => Promise.reject(new AppError('store.unreachable', 'cut off'))
    await assert.rejects(ask('add', [one.record.id]), {code: 'record.not-written', message: /^the hold on record .* is in place/})
    store.put = put
    const {records} = await ask('add', [one.record.id])
    assert.equal(records[0]?.changed, true)
    assert.ok([one.key, keyOf(SHARED), keyOf(OWN)].every(isHeld))
    assert.deepEqual(await holds(), [one.record.id])
  })

  it('is put on every version, hidden ones too', async () => {
    const {ask, one, store, locksOf} = await twoRecords()
    store.force(one.key, one.bytes)
    store.hide(one.key)
    await ask('add', [one.record.id])
    assert.deepEqual(
      locksOf(one.key).map((lock) => lock?.hold),
      [undefined, true, true],
      'the marker, and both versions',
    )
  })

  it('outlives a marker that hides its record', async () => {
    const {ask, one, two, store, isHeld} = await twoRecords()
    const {records} = await ask('add', [two.record.id])
    await ask('add', [one.record.id])
    for (const key of store.kept.keys()) if (key.includes(records[0]?.by ?? '-')) store.hide(key)
    await ask('remove', [one.record.id])
    assert.ok(isHeld(keyOf(SHARED)))
  })

  it('changes nothing where one of the records is not there, or is no record', async () => {
    const {ask, one, controls} = await twoRecords()
    await assert.rejects(ask('add', [one.record.id, '01JGFJJZ00ABCDEFGHJKMNPQRS']), {code: 'record.not-found'})
    await assert.rejects(ask('add', ['x']), {code: 'usage.flag'})
    await assert.rejects(ask('add', [one.record.id], {reason: 'a long story'}), {code: 'usage.flag'})
    await assert.rejects(ask('add', [one.record.id], {ticket: ''}), {code: 'usage.flag'})
    assert.deepEqual(controls.asked, [])
  })

  it('is refused without a record, and without the right', async () => {
    const {ask, one, context} = await twoRecords({refuse: ['setHold']})
    await assert.rejects(ask('add', [one.record.id]), {code: 'store.refused'})
    await assert.rejects(holdRecords({action: 'add', records: [one.record.id], reason: 'x'}, context(false)), {code: 'usage.flag'})
  })
})
