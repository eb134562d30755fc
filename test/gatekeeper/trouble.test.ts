/**
 * A registry, a provider or a certificate that fails, with the built `admission serve` asked by Gatekeeper's own engine: each
 * pod is kept out, and where a provider was alive there is a record of it under the request's uid.
 */
import assert from 'node:assert/strict'
import type {ServedAdmission} from '../served-admission.ts'
import type {Engine} from './start-engine.ts'
import {troubleWorld, type Asked, type TroubleWorld} from './trouble-world.ts'

describe('trouble around admission serve', function () {
  this.timeout(180_000)
  let world: TroubleWorld
  let provider: ServedAdmission
  let engine: Engine
  before(async () => {
    world = await troubleWorld()
    provider = await world.serve('test-0')
    engine = await world.engine(provider)
  })
  after(async () => world?.stop())
  afterEach(async () => world.registry.pass())

  const image = (at: number) => world.signed[at] ?? assert.fail()
  const ask = async (...images: readonly string[]) => world.ask(engine, images)
  const refused = ({allowed, message}: Asked, why: RegExp) => {
    assert.match(message, why)
    assert.equal(allowed, false)
  }
  /** What the one record under each uid says. */
  const recorded = async (...asked: readonly Asked[]) => {
    const found = await world.recordsOf(asked.map(({uid}) => uid))
    return asked.map(({uid}) => {
      const [record, ...more] = found.get(uid) ?? []
      assert.deepEqual(more, [], uid)
      return [record?.data.outcome, record?.data.detail.verdict, record?.data.detail.reasons.join()]
    })
  }
  const verified = ['pass', 'verified', '']
  const unchecked = (reason: string) => ['error', 'could-not-check', reason]

  it('the registry is down: refused, recorded, and not remembered; what was judged before goes on', async () => {
    const before = await ask(image(0))
    await world.registry.cut()
    const [known, down] = [await ask(image(0)), await ask(image(1))]
    refused(down, /registry\.unreachable/)
    await world.registry.pass()
    const after = await ask(image(1))
    assert.deepEqual(
      [before, known, after].map(({allowed}) => allowed),
      [true, true, true],
    )
    assert.deepEqual(await recorded(before, known, down, after), [verified, verified, unchecked('registry.unreachable'), verified])
  })

  it('the registry hangs: the provider says so before Gatekeeper stops waiting, and each image of the pod has its record', async () => {
    const known = await ask(image(0))
    world.registry.hang()
    const hung = await ask(image(0), image(2))
    refused(hung, /admission\.time/)
    await world.registry.pass()
    const found = await world.recordsOf([known.uid, hung.uid])
    assert.deepEqual(
      found
        .get(hung.uid)
        ?.map(({data}) => data.detail.reasons.join())
        .toSorted(),
      ['', 'admission.time'],
    )
    assert.equal((await ask(image(2))).allowed, true)
  })

  it('the registry is slow, and within the budget: waited for', async () => {
    world.registry.slow(150)
    const slow = await ask(image(4))
    assert.deepEqual([slow.allowed, slow.message], [true, ''])
    assert.deepEqual(await recorded(slow), [verified])
  })

  it('the provider is killed between answers, again and again: no answer without its record', async () => {
    const answered: Asked[] = []
    for (let round = 0; round < 3; round += 1) {
      answered.push(await ask(image(0)), await ask(world.unsigned))
      const last = ask(image(0))
      await provider.stop('SIGKILL')
      // Whichever was first: an allow has its record, and nobody else is let in.
      const either = await last
      if (either.allowed) answered.push(either)
      else refused(either, /no verdict/)
      refused(await ask(image(0)), /no verdict/)
      await provider.start()
    }
    const found = await world.recordsOf(answered.map(({uid}) => uid))
    for (const {uid, allowed} of answered)
      assert.deepEqual(
        found.get(uid)?.map(({data}) => data.outcome),
        [allowed ? 'pass' : 'fail'],
        uid,
      )
  })

  it('the provider hangs: refused; what it says when it goes on nobody hears, and is recorded', async () => {
    const impatient = await world.engine(provider, {timeout: 2})
    // A connection that is there already, and a verdict that is known.
    assert.equal((await world.ask(impatient, [image(0)])).allowed, true)
    provider.freeze()
    const hung = await world.ask(impatient, [image(0)])
    provider.thaw()
    refused(hung, /no verdict[^]*deadline/)
    assert.deepEqual(await recorded(hung), [verified])
    assert.equal((await world.ask(impatient, [image(0)])).allowed, true)
  })

  it('the certificate of the provider is of another authority: refused, and nothing is judged', async () => {
    const misled = await world.engine(provider, {trusts: world.other})
    const asked = await world.ask(misled, [image(0)])
    refused(asked, /no verdict[^]*certificate/)
    const later = await ask(image(0))
    assert.equal((await world.recordsOf([later.uid])).has(asked.uid), false)
  })

  it('the certificate that Gatekeeper shows is of another authority: refused, and told by the provider', async () => {
    const stranger = await world.engine(provider, {shows: world.other})
    const asked = await world.ask(stranger, [image(0)])
    refused(asked, /its certificate is not accepted/)
    const later = await ask(image(0))
    assert.equal((await world.recordsOf([later.uid])).has(asked.uid), false)
    assert.match(provider.said(), /"not-a-client"[^\n]*its certificate is not accepted/)
  })

  it('leaves evidence that can be verified', async () => {
    assert.equal(await provider.stop(), 0)
    const {exitCode, json} = await world.workspace.cli(['evidence', 'verify', '--blobs', '--json'])
    assert.equal(exitCode, 0, JSON.stringify((json as {findings?: unknown}).findings))
  })
})
