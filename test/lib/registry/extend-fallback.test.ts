/** Writers on several hosts, one fallback tag: no entry is lost, or the loser says so. A host is a lock folder of its own. */
import assert from 'node:assert/strict'
import {AppError, EXIT} from '../../../src/lib/errors.ts'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore} from '../../../src/lib/ports/images.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {startFallbackServer, type FallbackServer, type Habits} from './fallback-server.ts'
import {quick} from './settings.ts'

const subject = descriptorOf('image')

describe('the fallback tag', () => {
  let server: FallbackServer
  const start = async (habits: Habits): Promise<[ImageStore, ImageStore]> => {
    server = await startFallbackServer(habits)
    return [openRegistry(`${server.host}/app`, quick()), openRegistry(`${server.host}/app`, quick())]
  }
  afterEach(() => server.stop())

  const attach = (stores: readonly ImageStore[]): Promise<unknown> =>
    Promise.all(stores.map((store, index) => store.linkReferrers(subject, [descriptorOf(`signature ${index}`)])))
  const both = [0, 1].map((index) => descriptorOf(`signature ${index}`).digest).toSorted()

  it('refuses the slower of two writers where the registry honours If-None-Match and If-Match, and both come in', async () => {
    await attach(await start({honours: true, together: 2}))
    assert.deepEqual(server.listed(), both)
    assert.ok(server.log.includes('PUT 412'), server.log.join(', '))
  })

  it('is repaired where the registry honours neither and one writer wrote over the other', async () => {
    await attach(await start({together: 2}))
    assert.deepEqual(server.listed(), both)
    assert.ok(server.log.filter((line) => line === 'PUT 201').length > 2, server.log.join(', '))
  })

  for (const honours of [true, false]) {
    it(`loses none of 16 from two hosts at the same time, ${honours ? 'with' : 'without'} conditional writes`, async () => {
      const [one, other] = await start({honours})
      const names = Array.from({length: 16}, (_, number) => descriptorOf(`note ${number}`))
      await Promise.all(names.map((name, number) => (number % 2 === 0 ? one : other).linkReferrers(subject, [name])))
      assert.deepEqual(server.listed(), names.map(({digest}) => digest).toSorted())
    })
  }

  it('is written once for many', async () => {
    const [store] = await start({})
    const names = Array.from({length: 5}, (_, number) => descriptorOf(`note ${number}`))
    await store.linkReferrers(subject, names)
    assert.deepEqual(server.listed(), names.map(({digest}) => digest).toSorted())
    assert.equal(server.log.filter((line) => line.startsWith('PUT')).length, 1, server.log.join(', '))
  })

  it('is written again where a write was lost', async () => {
    const [store] = await start({loses: (put) => put <= 2})
    await store.linkReferrers(subject, [descriptorOf('signature 0')])
    assert.deepEqual(server.listed(), [descriptorOf('signature 0').digest])
  })

  it('is never claimed to hold what it does not', async () => {
    const [store] = await start({loses: () => true})
    await assert.rejects(store.linkReferrers(subject, [descriptorOf('signature 0')]), (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, 'registry.referrer-lost')
      assert.equal(error.exitCode, EXIT.unreachable)
      assert.ok(error.message.includes(descriptorOf('signature 0').digest))
      return true
    })
    assert.ok(server.log.filter((line) => line === 'PUT 201').length > 1, server.log.join(', '))
  })

  it('is not made longer than can be read', async () => {
    const [first] = await start({})
    const store = openRegistry(`${server.host}/app`, {...quick(), referrersMax: 1})
    await first.linkReferrers(subject, [descriptorOf('signature 0')])
    await assert.rejects(store.linkReferrers(subject, [descriptorOf('signature 1')]), {code: 'referrers.too-many'})
    assert.equal(server.listed().length, 1)
  })
})

function descriptorOf(text: string): Descriptor {
  return {mediaType: MEDIA_TYPES.manifest, digest: digestOf(Buffer.from(text)), size: text.length}
}
