/**
 * The volume of a log under the built `admission serve`: claimed twice, torn by a crash, or none at all. What was answered is
 * recorded, whoever comes to ship it.
 */
import assert from 'node:assert/strict'
import {appendFile, readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {FRAME_HEADER, SEGMENT_HEADER} from '../../src/lib/admission-log/frame.ts'
import type {ServedAdmission} from '../served-admission.ts'
import type {Engine} from './start-engine.ts'
import {CLUSTER, troubleWorld, type Asked, type TroubleWorld} from './trouble-world.ts'

describe('trouble with the volume of admission serve', function () {
  this.timeout(120_000)
  let world: TroubleWorld
  let provider: ServedAdmission
  let engine: Engine
  let uids: string[]
  beforeEach(async () => {
    world = await troubleWorld()
    provider = await world.serve('test-0')
    engine = await world.engine(provider)
    uids = []
  })
  afterEach(async () => world.stop())

  const ask = async (image: string, of = engine): Promise<Asked> => {
    const asked = await world.ask(of, [image])
    uids.push(asked.uid)
    return asked
  }
  const good = () => world.signed[0] ?? assert.fail()
  /** By one record each, in runs that are whole. */
  const accounted = async () => {
    const found = await world.recordsOf(uids)
    for (const uid of uids) assert.equal(found.get(uid)?.length, 1, uid)
    const {exitCode, json} = await world.workspace.cli(['evidence', 'verify', '--blobs', '--json'])
    assert.equal(exitCode, 0, JSON.stringify((json as {findings?: unknown}).findings))
  }

  it('a second server on the same volume answers nothing until the first is gone, and then ships what that one left', async () => {
    const second = await world.served('test-0')
    const taking = second.start()
    assert.equal((await ask(good())).allowed, true)
    assert.equal((await ask(world.unsigned)).allowed, false)
    await assert.rejects(fetch(`${second.observe}/healthz`))
    await provider.stop('SIGKILL')
    await taking
    const next = await world.engine(second)
    assert.equal((await ask(good(), next)).allowed, true)
    assert.equal(await second.stop(), 0)
    await accounted()
  })

  it('a boot over a log whose last write was torn keeps what was answered, and goes on', async () => {
    await ask(good())
    await ask(world.unsigned)
    await provider.stop('SIGKILL')
    const folder = join(world.workspace.folder, 'wal-test-0')
    const newest = join(
      folder,
      (await readdir(folder))
        .filter((name) => name.endsWith('.wal'))
        .toSorted()
        .at(-1) ?? assert.fail(),
    )
    const frame = (await readFile(newest)).subarray(SEGMENT_HEADER, SEGMENT_HEADER + FRAME_HEADER - 1)
    await appendFile(newest, frame)
    await provider.start()
    assert.equal((await ask(good())).allowed, true)
    assert.equal(await provider.stop(), 0)
    await accounted()
  })

  it('stopped while the store is out of reach it leaves what waits to its next start', async () => {
    assert.equal(await provider.stop(), 0)
    await world.workspace.write('in-the-way', '')
    const lost = await world.serve('test-1', ['--store', 'folder:in-the-way'])
    const own = await world.engine(lost)
    assert.equal((await ask(good(), own)).allowed, true)
    assert.equal(await lost.stop(), 0)
    const found = await world.served('test-1')
    await found.start()
    assert.equal(await found.stop(), 0)
    await accounted()
  })

  it('does not listen where there is no folder to write into', async () => {
    const tls = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--client-ca', 'client-ca.crt']
    const places = ['--listen', '127.0.0.1:0', '--observe', '127.0.0.1:0', '--wal', 'release.pub', '--json']
    const {exitCode, json} = await world.workspace.cli(['admission', 'serve', '--cluster', CLUSTER, '--policy', 'policy.yaml', ...tls, ...places])
    assert.deepEqual([exitCode, (json as {error?: {code?: string}}).error?.code], [4, 'admission.log-unusable'])
  })
})
