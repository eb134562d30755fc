/**
 * A log or a store that fails, with the built `admission serve` asked by Gatekeeper's own engine: nothing is let in without a
 * record, and every answer that was given has its record as soon as the store is back.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {ended} from '../program.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../s3.ts'
import type {ServedAdmission} from '../served-admission.ts'
import {startWire, type Wire} from '../wire.ts'
import type {Engine} from './start-engine.ts'
import {troubleWorld, type Asked, type TroubleWorld} from './trouble-world.ts'

/** Containers of a pod: so many records in one answer, so that a log of a megabyte is soon full. */
const MANY = 60

describe('trouble with the log and the store of admission serve', function () {
  this.timeout(180_000)
  let s3: S3Server
  let line: Wire
  let world: TroubleWorld
  let engine: Engine
  let provider: ServedAdmission
  before(async () => {
    s3 = await startS3()
    line = await startWire(new URL(s3.endpoint).host)
    world = await troubleWorld({...s3.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent('process.on("SIGXFSZ", () => {})')}`})
  })
  asAwsEnvironment(() => s3.env)
  afterEach(async () => {
    await line.pass()
    await provider.stop('SIGKILL')
  })
  after(async () => {
    await world?.stop()
    await line?.stop()
    await s3?.stop()
  })

  /** A bucket of the test's own, by way of the line. */
  const bucket = async () => {
    const {address} = await s3.makeBucket()
    return {direct: address, flags: ['--store', address.replace(s3.endpoint, `http://${line.host}`)]}
  }
  const serve = async (replica: string, flags: readonly string[]) => {
    provider = await world.serve(replica, flags)
    engine = await world.engine(provider)
  }
  const [good, bad] = [() => world.signed[0] ?? assert.fail(), () => world.unsigned]
  const ask = async (...images: readonly string[]) => world.ask(engine, images)
  /** All that is answered is in the store, and nothing that was refused for want of a record is there as an allow. */
  const accounted = async (answered: readonly Asked[], unanswered: readonly Asked[], store?: string) => {
    const found = await world.recordsOf(
      answered.map(({uid}) => uid),
      store,
    )
    for (const {uid, allowed} of answered)
      assert.ok(
        found.get(uid)?.every(({data}) => (data.outcome === 'pass') === allowed),
        uid,
      )
    for (const {uid} of unanswered) assert.deepEqual(found.get(uid)?.filter(({data}) => data.outcome === 'pass') ?? [], [], uid)
  }
  const verified = async (...flags: readonly string[]) => {
    const {exitCode, json} = await world.workspace.cli(['evidence', 'verify', '--blobs', '--json', ...flags])
    assert.equal(exitCode, 0, JSON.stringify((json as {findings?: unknown}).findings))
  }

  it('the store is down: answers go on until the log is full, also after a kill, and all of them are there when it is back', async () => {
    const {direct, flags} = await bucket()
    await serve('full', ['--wal-megabytes', '1', ...flags])
    const answered = [await ask(good())]
    await line.cut()
    answered.push(await ask(good()), await ask(bad()))
    await provider.stop('SIGKILL')
    await provider.start()
    const unanswered: Asked[] = []
    while (unanswered.length === 0) {
      const asked = await ask(...Array.from({length: MANY}, () => good()))
      ;(asked.allowed ? answered : unanswered).push(asked)
    }
    unanswered.push(await ask(...Array.from({length: MANY}, () => good())), await ask(...Array.from({length: MANY}, () => bad())))
    for (const {message, allowed} of unanswered) assert.deepEqual([allowed, /admission\.log-full|record\.not-written/.test(message)], [false, true], message)
    await line.pass()
    await accounted(answered, unanswered, direct)
    answered.push(await ask(...Array.from({length: MANY}, () => good())))
    assert.equal(answered.at(-1)?.allowed, true)
    assert.equal(await provider.stop(), 0)
    await accounted(answered, unanswered, direct)
    await verified(...flags)
  })

  it('the store hangs, and is slow: answers do not wait for it, and all of them are there in the end', async () => {
    const {direct, flags} = await bucket()
    await serve('slow', flags)
    line.hang()
    const answered = [await ask(good()), await ask(bad()), await ask(good())]
    await line.pass()
    line.slow(100)
    answered.push(await ask(good()), await ask(bad()), await ask(good()))
    assert.deepEqual(
      answered.map(({allowed}) => allowed),
      [true, false, true, true, false, true],
    )
    await accounted(answered, [], direct)
    await line.pass()
    assert.equal(await provider.stop(), 0)
    await verified(...flags)
  })

  it('without a log, and the store down: refused, because nothing could be recorded; slow: waited for', async () => {
    const {direct, flags} = await bucket()
    await serve('stored', ['--wal-sync', 'store', ...flags])
    const answered = [await ask(good())]
    await line.cut()
    const unanswered = [await ask(good()), await ask(bad())]
    for (const {allowed, message} of unanswered) assert.deepEqual([allowed, /store\.|record\.not-written/.test(message)], [false, true], message)
    await line.pass()
    line.slow(100)
    answered.push(await ask(good()), await ask(bad()))
    assert.deepEqual(
      answered.map(({allowed}) => allowed),
      [true, true, false],
    )
    await line.pass()
    assert.equal(await provider.stop(), 0)
    await accounted(answered, [], direct)
    await verified(...flags)
  })

  it('the disk takes no byte more: refused, and when it does again, what was answered before and after is there', async () => {
    await serve('disk', ['--store', 'folder:store'])
    const answered = [await ask(good())]
    await world.recordsOf(
      answered.map(({uid}) => uid),
      join(world.workspace.folder, 'store'),
    )
    const limit = async (size: string) => assert.equal((await ended(spawn('prlimit', [`--pid=${provider.pid()}`, `--fsize=${size}:`]))).code, 0)
    await limit('0')
    const unanswered = [await ask(good()), await ask(bad())]
    for (const {allowed, message} of unanswered)
      assert.deepEqual([allowed, /admission\.log-unusable|record\.not-written/.test(message)], [false, true], message)
    await limit('unlimited')
    answered.push(await ask(good()), await ask(bad()))
    assert.deepEqual(
      answered.map(({allowed}) => allowed),
      [true, true, false],
    )
    await provider.stop('SIGKILL')
    await provider.start()
    assert.equal(await provider.stop(), 0)
    await accounted(answered, unanswered, join(world.workspace.folder, 'store'))
    await verified('--store', 'folder:store')
  })
})
