/** Lies of the registry or the layout itself. */
import {digestOf, MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import {BUNDLE_TYPE} from '../fakes/attach-bundle.ts'
import type {MemoryImageStore} from '../fakes/memory-image-store.ts'
import {ago, gateOf, signatureOf} from '../fakes/statements.ts'
import type {StoreRow} from './row.ts'

const ELSEWHERE = {mediaType: MEDIA_TYPES.manifest, digest: `sha256:${'0'.repeat(64)}`, size: 2, artifactType: BUNDLE_TYPE}

export const STORE_ROWS: readonly StoreRow[] = [
  {
    situation: 'the tag moves between the look at the image and the look at its signature',
    cosign: 1,
    expected: {exit: 0},
    async lay(scene, store) {
      await scene.honest()
      const unsigned = Buffer.from(JSON.stringify({...(JSON.parse(Buffer.from(scene.image.bytes).toString()) as object), annotations: {moved: 'yes'}}))
      await store.pushManifest(unsigned, scene.image.descriptor.mediaType)
      // From the first answer on the tag means another image: whoever asked again would judge that one.
      const {resolve} = store
      Object.assign(store, {
        resolve: async (reference: string) => {
          const found = await resolve(reference)
          store.tags.set('latest', digestOf(unsigned))
          return found
        },
      })
      return {image: `${scene.repository}:latest`}
    },
  },
  {
    situation: 'the referrers API leaves out the failed gate that the fallback tag lists',
    cosign: 0,
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    async lay(scene, store) {
      await scene.honest()
      const {mediaType, digest, size} = await scene.attach(gateOf([scene.digest], {decidedAt: ago(0.5), decision: 'fail'}))
      const index = {schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [{mediaType, digest, size}]}
      await store.pushManifest(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.index, scene.digest.replace(':', '-'))
      const {referrers} = store
      Object.assign(store, {referrers: async (of: string) => (await referrers(of)).filter((each) => each.digest !== digest)})
    },
  },
  {
    situation: '10,000 artifacts are attached',
    cosign: 10,
    expected: {exit: 4, reason: 'referrers.too-many', check: 'image'},
    async lay(scene, store) {
      await scene.honest()
      store.listed.push(...Array.from({length: 10_000}, () => ELSEWHERE))
    },
  },
  {
    situation: 'a bundle of 97 MiB is attached',
    cosign: 0,
    expected: {exit: 4, reason: 'registry.limit', check: 'image'},
    async lay(scene) {
      await scene.honest()
      await scene.attachBytes(Buffer.alloc(97 * 1024 * 1024))
    },
  },
  {
    situation: 'nine bundles of 31 MiB are attached, each small enough for itself',
    cosign: 0,
    expected: {exit: 4, reason: 'registry.limit', check: 'image'},
    async lay(scene, store) {
      await scene.honest()
      for (let at = 0; at < 9; at += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one at a time in memory
        await scene.attachBytes(Buffer.alloc(31 * 1024 * 1024, at))
        // Their sizes are what counts: not all of them are kept.
        for (const [digest, bytes] of store.objects) if (bytes.byteLength > 1024 * 1024) store.objects.set(digest, Buffer.alloc(0))
      }
    },
  },
  {
    situation: 'the list of what is attached names something that is gone, beside all that is good',
    cosign: 0,
    expected: {exit: 0},
    async lay(scene, store) {
      await scene.honest()
      store.listed.push(ELSEWHERE)
    },
  },
  {
    situation: 'the list of what is attached names what may have been the signature, and is gone',
    cosign: 0,
    expected: {exit: 5, reason: 'attestation.unreadable', check: 'signature'},
    async lay(scene, store) {
      await scene.honest(['signature'])
      store.listed.push(ELSEWHERE)
    },
  },
  {
    situation: 'the list of what is attached names the signature of another image',
    cosign: 0,
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    async lay(scene, store) {
      await scene.honest(['signature'])
      const other = await store.pushManifest(
        Buffer.from(JSON.stringify({...(JSON.parse(Buffer.from(scene.image.bytes).toString()) as object), annotations: {other: 'yes'}})),
        MEDIA_TYPES.manifest,
      )
      store.listed.push(await scene.attach(signatureOf([scene.digest, other.digest], scene.repository), {to: other}))
    },
  },
  {
    situation: 'a signature whose bytes are not those of its digest',
    cosign: 0,
    expected: {exit: 5, reason: 'image.corrupt', check: 'image'},
    async lay(scene, store) {
      await scene.honest(['signature'])
      const forged = scene.stranger.bundle(signatureOf([scene.digest], scene.repository))
      const {digest} = await store.pushBlob(scene.trusted.bundle(signatureOf([scene.digest], scene.repository)))
      await scene.attachBytes(store.objects.get(digest) ?? forged)
      store.objects.set(digest, forged)
    },
  },
  {
    situation: 'another image under the digest that was asked for',
    cosign: 0,
    expected: {exit: 5, reason: 'image.corrupt', check: 'image'},
    async lay(scene, store) {
      await scene.honest()
      store.objects.set(scene.digest, Buffer.from(Buffer.from(scene.image.bytes).toString().replace('"schemaVersion":2', '"schemaVersion": 2')))
    },
  },
  {
    situation: 'a swapped layer in an OCI layout',
    kind: 'layout',
    expected: {exit: 5, reason: 'image.corrupt', check: 'image'},
    async lay(scene, store) {
      await scene.honest()
      swapLayer(scene.image.bytes, store)
    },
  },
  {situation: 'nothing is wrong with an OCI layout', kind: 'layout', expected: {exit: 0}, lay: (scene) => scene.honest()},
]

/** Another layer of the same length under the digest of the first. */
function swapLayer(manifest: Uint8Array, store: MemoryImageStore): void {
  const {layers} = JSON.parse(Buffer.from(manifest).toString()) as {layers: {digest: string; size: number}[]}
  const [layer] = layers
  if (layer === undefined) throw new Error('the image has no layer')
  store.objects.set(layer.digest, Buffer.alloc(layer.size, 'x'))
}
