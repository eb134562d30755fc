import assert from 'node:assert/strict'
import {auditStore} from '../../../../src/lib/actions/retention/audit-store.ts'
import {extendLocks} from '../../../../src/lib/actions/retention/extend-locks.ts'
import {renderExtend} from '../../../../src/lib/cli/render/extend-locks.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {image} from '../../../fakes/evidence-writer.ts'
import {days, lockedWorld, NOW, type WorldOptions} from './locked-world.ts'

const BLOB = Buffer.from('the policy that was in force')
const KEY = blobKey(sha256Hex(BLOB))
const withBlob = {blobs: {'policy.json': BLOB}}

/** A blob that came 400 days before the newest record that names it. */
async function oldBlob(options: WorldOptions = {}) {
  const world = lockedWorld(options)
  world.at(days(-400))
  await world.writer.gate(image('a'), 'pass', {...withBlob, at: days(-400)})
  world.at(NOW)
  await world.writer.gate(image('b'), 'pass', {...withBlob, at: NOW})
  return world
}

describe('evidence extend', () => {
  it('keeps a blob as long as the newest record that names it, once', async () => {
    const world = await oldBlob()
    const first = await extendLocks({dryRun: false}, world.context())
    assert.deepEqual([first.exitCode, first.extended, first.versions], [0, 1, 3])
    assert.deepEqual(world.locksOf(KEY), [{mode: 'COMPLIANCE', until: days(2557)}])
    assert.equal((await auditStore({}, world.context())).exitCode, 0)
    const again = await extendLocks({dryRun: false}, world.context())
    assert.deepEqual([again.extended, world.controls.asked.length], [0, 1])
    assert.match(renderExtend(again), /no lock ends too early/)
  })

  it('says what it would do, and does nothing', async () => {
    const world = await oldBlob()
    const result = await extendLocks({dryRun: true}, world.context())
    assert.deepEqual(
      result.first.map(({key, from, to}) => [key, from, to]),
      [[KEY, days(2157), days(2557)]],
    )
    assert.deepEqual(world.controls.asked, [])
    assert.match(renderExtend(result), /1 lock would be extended/)
  })

  it('locks what is not locked, and makes weak and short locks strict and long', async () => {
    const world = lockedWorld()
    const keys: string[] = []
    const locks = [{}, {mode: 'GOVERNANCE', until: days(10)}, {mode: 'GOVERNANCE', until: days(4000)}, {mode: 'COMPLIANCE', until: days(30)}] as const
    for (const lock of locks) {
      world.at(NOW, () => lock)
      keys.push((await world.writer.gate(image(String(keys.length)), 'pass')).key)
    }
    assert.equal((await extendLocks({dryRun: false}, world.context())).extended, 4)
    assert.deepEqual(
      keys.map((key) => world.locksOf(key)[0]),
      [2555, 2555, 4000, 2555].map((count) => ({mode: 'COMPLIANCE', until: days(count)})),
    )
    assert.equal((await extendLocks({dryRun: false}, world.context())).extended, 0)
  })

  it('counts a record as it will be locked: its blob is extended in the same run', async () => {
    const world = lockedWorld()
    world.at(days(-400))
    await world.store.put(KEY, BLOB)
    world.at(NOW, () => ({mode: 'COMPLIANCE', until: days(1)}))
    await world.writer.gate(image('a'), 'pass', {...withBlob, at: NOW})
    await extendLocks({dryRun: false}, world.context())
    assert.equal(world.locksOf(KEY)[0]?.until, days(2555))
  })

  it('extends every version of a blob: which of them is the true one is not for it to say', async () => {
    const world = await oldBlob()
    world.at(days(-300))
    world.store.force(KEY, BLOB)
    assert.equal((await extendLocks({dryRun: false}, world.context())).extended, 2)
    assert.deepEqual(
      world.locksOf(KEY).map((lock) => lock?.until),
      [days(2557), days(2557)],
    )
  })

  it('leaves alone what is over, and what only names it', async () => {
    const world = lockedWorld()
    world.at(days(-2700), () => ({mode: 'COMPLIANCE', until: days(-200)}))
    await world.writer.gate(image('a'), 'pass', {...withBlob, at: days(-2700)})
    assert.equal((await extendLocks({dryRun: false}, world.context())).extended, 0)
  })

  it('names what the store refuses, and is no success then', async () => {
    const world = await oldBlob({refuse: ['extend']})
    const result = await extendLocks({dryRun: false}, world.context())
    assert.deepEqual([result.exitCode, result.reason, result.extended, result.refused.length], [4, 'store.refused', 0, 1])
    assert.doesNotMatch(renderExtend(result), /no lock ends too early/)
    assert.match(renderExtend(result), /store\.refused/)
  })

  it('keeps the blobs of a record beside which something else was written', async () => {
    const world = await oldBlob()
    const newest =
      [...world.store.kept.keys()]
        .filter((key) => key.startsWith('records/'))
        .toSorted()
        .at(-1) ?? ''
    world.store.force(newest, Buffer.from('no record'))
    const result = await extendLocks({dryRun: false}, world.context())
    assert.deepEqual([result.exitCode, result.extended, world.locksOf(KEY)[0]?.until], [0, 1, days(2557)])
  })

  it('names a record that cannot be read, and is no success then: which blobs it names is not known', async () => {
    const world = lockedWorld()
    const {key} = await world.writer.gate(image('a'), 'pass', withBlob)
    world.store.kept.delete(key)
    world.store.force(key, Buffer.from('no record'))
    const result = await extendLocks({dryRun: false}, world.context())
    assert.deepEqual([result.exitCode, result.unread.map((one) => one.key)], [5, [key]])
    assert.doesNotMatch(renderExtend(result), /no lock ends too early/)
    assert.ok(renderExtend(result).includes(key))
  })

  it('is no success where what is listed cannot be looked at', async () => {
    const world = await oldBlob()
    const nothing = {...world.context(), storeControls: async () => ({...world.controls, lockOf: async () => undefined})}
    const result = await extendLocks({dryRun: false}, nothing)
    assert.deepEqual([result.exitCode, result.versions, result.refused.length], [4, 0, 3])
  })

  it('gives up where the role may extend nothing', async () => {
    const world = lockedWorld({refuse: ['extend']})
    world.at(NOW, () => ({}))
    for (let n = 0; n < 30; n += 1) await world.writer.gate(image(String(n)), 'pass')
    await assert.rejects(extendLocks({dryRun: false}, world.context()), {code: 'store.refused'})
  })
})
