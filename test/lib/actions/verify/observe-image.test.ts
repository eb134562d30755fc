/** What is looked at before a verdict, and what that costs. What the verdicts are is in `test/lie-matrix.test.ts`. */
import assert from 'node:assert/strict'
import {serviceImage, serviceIndex} from '../../../../scripts/image/service.ts'
import type {VerifyResult} from '../../../../src/lib/actions/verify/record-verdict.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {MEDIA_TYPES} from '../../../../src/lib/images/manifest.ts'
import type {ImageStore} from '../../../../src/lib/ports/images.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {slowStore} from '../../../fakes/slow-store.ts'
import {gateOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext} from '../../../fakes/verdict-context.ts'
import {createScene, type Scene} from '../../../lie-matrix/scene.ts'

const HOME = 'registry.example/team/app'

async function scene(image = serviceImage()): Promise<{laid: Scene; store: MemoryImageStore}> {
  const store = memoryImageStore({repository: HOME})
  const laid = await createScene(store, HOME, image)
  await laid.honest()
  return {laid, store}
}

async function ask({trusted}: Scene, store: ImageStore, image: string): Promise<VerifyResult> {
  const requires = {signature: {keys: [pinOf(trusted)]}, sbom: {}, provenance: {}, scan: {'max-age': '7d'}, gate: {}}
  return verifyImage({image}, verdictContext({policy: {environments: {production: {requires}}}, images: {[HOME]: store}, keys: [trusted]}))
}

describe('what is attached', () => {
  it('is read in three rounds for a digest: manifest and lists, configuration and manifests, bundles', async () => {
    const {laid, store} = await scene()
    const slow = slowStore(store)
    assert.equal((await ask(laid, slow, `${HOME}@${laid.digest}`)).exitCode, 0)
    assert.deepEqual(
      slow.waves.map((wave) => wave.length),
      [5, 6, 5],
    )
    assert.ok(slow.waves[0]?.includes(`resolve ${laid.digest}`))
  })

  it('is read in four rounds for an index and its platforms', async () => {
    const {laid, store} = await scene(serviceIndex())
    const slow = slowStore(store)
    assert.equal((await ask(laid, slow, `${HOME}@${laid.digest}`)).exitCode, 0)
    assert.equal(slow.waves.length, 4, slow.waves.map((wave) => wave.join('\n')).join('\n\n'))
  })

  it('is read one round later for a tag', async () => {
    const {laid, store} = await scene()
    const slow = slowStore(store)
    assert.equal((await ask(laid, slow, `${HOME}:latest`)).exitCode, 0)
    assert.equal(slow.waves.length, 4)
    assert.deepEqual(slow.waves[0], ['resolve latest'])
  })

  it('counts where only the fallback tag names it, though the registry has a list of its own', async () => {
    const {laid, store} = await scene()
    const failed = await laid.attach(gateOf([laid.digest], {decision: 'fail', decidedAt: '2026-06-15T11:30:00.000Z'}))
    const tag = laid.digest.replace(':', '-')
    const {mediaType, digest, size} = failed
    await store.pushManifest(
      Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [{mediaType, digest, size}]})),
      MEDIA_TYPES.index,
      tag,
    )
    const {referrers} = store
    const forgetful = {...store, referrers: async (of: string) => (await referrers(of)).filter((each) => each.digest !== digest)}
    const {exitCode, checks} = await ask(laid, forgetful, `${HOME}@${laid.digest}`)
    assert.deepEqual([exitCode, checks.find(({name}) => name === 'gate')?.reason], [1, 'gate.failed'])
    store.tags.delete(tag)
    assert.equal((await ask(laid, forgetful, `${HOME}@${laid.digest}`)).exitCode, 0, 'the tag made the difference')
  })

  it('cannot be judged where an image lies under the fallback tag', async () => {
    const {laid, store} = await scene()
    store.tags.set(laid.digest.replace(':', '-'), laid.digest)
    const {exitCode, checks} = await ask(laid, store, `${HOME}@${laid.digest}`)
    assert.deepEqual([exitCode, checks.map(({reason}) => reason)], [4, ['registry.protocol']])
  })

  it('is no reason to wait where the image is not there', async () => {
    const {laid, store} = await scene()
    const broken = {...store, referrers: () => Promise.reject(new TypeError('nobody waits for this'))}
    assert.equal((await ask(laid, broken, `${HOME}@sha256:${'0'.repeat(64)}`)).exitCode, 6)
  })
})
