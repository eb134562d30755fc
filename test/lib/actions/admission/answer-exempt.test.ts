/** An exemption, through a server that keeps verdicts: it is never one of them, and ends when it ends. */
import assert from 'node:assert/strict'
import {EXEMPTION_TYPE} from '../../../../src/lib/predicates/exemption.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {NOW, pinOf} from '../../../fakes/verdict-context.ts'
import {HOME, home, other, production, signer} from './admission-world.ts'
import {answerWorld, keyOf, MINUTE, type AnswerWorld} from './answer-world.ts'

const after = (ms: number) => new Date(NOW.getTime() + ms).toISOString()

describe('an answerer, where the glass is broken', () => {
  const start = async () => {
    const {store, image, digest} = await home({signed: false})
    const policy = {
      environments: {production: {...production, match: {clusters: ['prod-*'], namespaces: ['patient-api', 'other']}}},
      admission: {'break-glass': {by: [{person: 'ann', ...pinOf(other)}], 'max-hours': 4}},
    }
    const world = await answerWorld({images: {[HOME]: store}, policy})
    const open = async () => {
      const predicate = {
        cluster: 'prod-east',
        namespace: 'patient-api',
        reason: 'hotfix',
        incident: 'INC-7',
        from: after(-1),
        expires: after(90_000),
        person: 'ann',
      }
      const bundle = other.bundle({digests: [digest], predicateType: EXEMPTION_TYPE, predicate})
      await attachBundle(store, (await store.resolve(digest)).descriptor, bundle)
    }
    return {world, image, store, digest, open, policy}
  }
  const admitted = async (world: AnswerWorld, image: string, ns = 'patient-api') => (await world.ask(keyOf([image], {ns}))).items?.[0]?.value.admit

  it('lets in what was denied a moment ago, in its namespace alone, until it ends', async () => {
    const {world, image, open} = await start()
    assert.equal(await admitted(world, image), false)
    await open()
    world.clock.at += 10_000
    assert.equal(await admitted(world, image), true)
    assert.equal(await admitted(world, image, 'other'), false)
    world.clock.at = NOW.getTime() + 89_999
    assert.equal(await admitted(world, image), true)
    world.clock.at += 1
    assert.equal(await admitted(world, image), false)
  })

  it('is looked for once, however many pods are refused', async () => {
    const {world, image, store, digest} = await start()
    const asked: string[] = []
    world.images.set(HOME, {...store, referrers: async (of) => (asked.push(of), store.referrers(of))})
    await Promise.all(Array.from({length: 50}, async () => admitted(world, image)))
    assert.deepEqual(asked, [digest, digest], 'once for the verdict, once for an exemption')
    world.clock.at += MINUTE / 2
    await admitted(world, image)
    assert.equal(asked.length, 3)
  })

  it('counts no longer than the policy that lets it', async () => {
    const {world, image, open, policy} = await start()
    await open()
    assert.equal(await admitted(world, image), true)
    world.configure({
      ...policy,
      admission: {'break-glass': {by: [{person: 'ann', ...pinOf(signer)}]}},
      environments: {production: {...production, requires: {signature: {keys: [pinOf(other)]}}}},
    })
    world.clock.at += 30_000
    assert.equal(await admitted(world, image), false, 'the policy lets somebody else break the glass now')
  })
})
