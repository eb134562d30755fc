/** Real processes, real stores, real kills: what the simulation says of the sealer, seen. */
import assert from 'node:assert/strict'
import {cpSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {newestCheckpoint} from '../../../../src/lib/actions/ledger/newest-checkpoint.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {openStore} from '../../../open-store.ts'
import {ended, run, start} from '../../../program.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../../../s3.ts'
import {scratch} from '../../../scratch.ts'
import {assertWholeLog} from '../../../whole-log.ts'
import {sealNow, write} from './sealing-context.ts'

const SEALERS = 10
const WRITERS = 3
const EACH = 30
const ROUNDS = 8
const key = testCheckpointKey()
const now = () => new Date().toISOString()

describe('ten sealers of one store, killed at random, while writers write', () => {
  const folder = scratch()
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  const race = async (store: string): Promise<void> => {
    const until = join(folder(), 'enough')
    const opened = await openStore(store)
    await write(opened, 1, now())
    const writers = Array.from({length: WRITERS}, (_, index) => run('record', {store, count: EACH, atOnce: 4, seed: `writer ${index}`}))
    const sealers = Array.from({length: SEALERS}, () => startSealer(store, until))
    for (let round = 0; round < ROUNDS; round += 1) {
      const {n: before = 0} = (await newestCheckpoint(opened)) ?? {}
      await write(opened, 3, now())
      for (const victim of [round % SEALERS, (round * 3 + 1) % SEALERS]) {
        sealers[victim]?.child.kill('SIGKILL')
        await sealers[victim]?.end
        sealers[victim] = startSealer(store, until)
      }
      // All of them want the next number.
      while (((await newestCheckpoint(opened))?.n ?? 0) <= before) await sleep(20)
    }
    const written = await Promise.all(writers)
    writeFileSync(until, '')
    const ends = await Promise.all(sealers.map(async ({end}) => end))
    for (const {code, stderr} of [...written, ...ends]) assert.deepEqual([code, stderr], [0, ''])
    await sealNow(opened, {now: now()})
    const {records, seals} = await assertWholeLog(opened, key.verifier)
    assert.equal(records, WRITERS * EACH + ROUNDS * 3 + 1)
    assert.ok(seals >= ROUNDS)
  }

  it('keep one log over a folder', async () => race(join(folder(), 'evidence'))).timeout(300_000)

  it('keep one log over a bucket', async () => race((await s3.makeBucket()).address)).timeout(300_000)
})

describe('a sealer, killed after each thing that it asks', () => {
  const folder = scratch()
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  /** A store that was sealed once, and has something new. */
  const prepare = async (address: string): Promise<void> => {
    const store = await openStore(address)
    await write(store, 2, now())
    await sealNow(store, {now: now()})
    await write(store, 2, new Date(Date.now() + 60_000).toISOString())
  }

  const killAndGoOn = async (address: string, killAfter: number): Promise<void> => {
    const {signal, stdout} = await run('seal', {store: address, killAfter})
    assert.deepEqual([signal, stdout], ['SIGKILL', ''])
    const store = await openStore(address)
    await sealNow(store, {now: now()})
    assert.deepEqual(await assertWholeLog(store, key.verifier), {seals: 2, records: 4}, `killed after ${killAfter}`)
  }

  it('leaves a folder that the next one goes on with', async () => {
    const ready = join(folder(), 'ready')
    await prepare(ready)
    const copy = (name: string) => {
      cpSync(ready, join(folder(), name), {recursive: true})
      return join(folder(), name)
    }
    const asked = Number((await run('seal', {store: copy('whole')})).stdout)
    assert.ok(asked > 20)
    const each = Array.from({length: asked}, (_, index) => index + 1).values()
    const one = async (): Promise<void> => {
      for (const killAfter of each) await killAndGoOn(copy(String(killAfter)), killAfter)
    }
    await Promise.all([one(), one()])
  }).timeout(300_000)

  it('leaves a bucket that the next one goes on with, after each write and what comes before and behind it', async () => {
    const {address} = await s3.makeBucket()
    await prepare(address)
    const asked = Number((await run('seal', {store: address})).stdout)
    for (const before of [5, 4, 3, 2, 1, 0]) {
      const {address: next} = await s3.makeBucket()
      await prepare(next)
      await killAndGoOn(next, asked - before)
    }
  }).timeout(300_000)
})

function startSealer(store: string, until: string) {
  const child = start('seal', {store, until})
  return {child, end: ended(child)}
}
