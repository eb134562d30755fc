/** A real registry, with the referrers API and without. */
import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {pushImage} from '../../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../../scripts/image/service.ts'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import {verifyImage} from '../../../src/lib/images/verify-image.ts'
import type {Descriptor, ImageStore} from '../../../src/lib/ports/images.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../../registry.ts'
import {ARTIFACT, attach, attachedTo} from './attach.ts'
import {attachingProcess} from './processes.ts'
import {scratchFolder} from './settings.ts'

for (const referrers of [true, false]) {
  describe(`a registry ${referrers ? 'with the referrers API' : 'that knows the fallback tag only'}`, () => {
    let registry: TestRegistry
    let locks: string
    let repositories = 0
    let store: ImageStore

    before(async () => {
      registry = await startRegistry({referrers})
      locks = scratchFolder()
    })
    after(async () => registry.stop())
    beforeEach(() => {
      repositories += 1
      store = openRegistry(`${registry.host}/team/app-${repositories}`, {lockFolder: locks, settle: 50})
    })

    const subject = async (): Promise<Descriptor> => {
      await pushImage(store, serviceImage(), 'v1')
      return (await store.resolve('v1')).descriptor
    }

    it('gives back what was pushed, by tag and by digest', async () => {
      const image = serviceIndex()
      const digest = await pushImage(store, image, 'v1')
      const byTag = await store.resolve('v1')
      assert.equal(byTag.descriptor.digest, digest)
      assert.equal(byTag.descriptor.mediaType, MEDIA_TYPES.index)
      assert.deepEqual(Buffer.from((await store.resolve(digest)).bytes), Buffer.from(image.bytes))
      const {platforms} = await verifyImage(store, digest)
      assert.deepEqual(
        platforms.map(({platform}) => platform),
        ['linux/amd64', 'linux/arm64'],
      )
    })

    it('has no other tag and no other digest', async () => {
      await assert.rejects(store.resolve('v1'), {code: 'image.not-found'})
      await assert.rejects(store.resolve(digestOf(Buffer.from('x'))), {code: 'image.not-found'})
    })

    it('pushing twice is pushing once', async () => {
      const bytes = randomBytes(100)
      assert.deepEqual(await store.pushBlob(bytes), await store.pushBlob(bytes))
    })

    it('streams a blob up and down, and knows it the second time', async () => {
      const bytes = randomBytes(3_000_000)
      const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength}
      const pieces = () => chunksOf(bytes, 70_001)
      assert.equal(await store.pushBlobStream(descriptor, pieces), 'written')
      assert.equal(await store.pushBlobStream(descriptor, pieces), 'present')
      assert.deepEqual(Buffer.from(await store.blob(descriptor)), bytes)
    })

    it('takes no stream that is not what it should be', async () => {
      const bytes = randomBytes(200_000)
      const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength}
      for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(bytes.byteLength)]) {
        await assert.rejects(
          store.pushBlobStream(descriptor, () => chunksOf(wrong, 50_000)),
          {code: 'image.corrupt'},
        )
      }
      await assert.rejects(store.blob(descriptor), {code: 'image.corrupt', message: /missing/})
    })

    it('lists what is attached, and nothing where nothing is', async () => {
      const image = await subject()
      assert.deepEqual(await store.referrers(image.digest), [])
      const one = await attach(store, image, 'one')
      const two = await attach(store, image, 'two')
      assert.deepEqual(await attachedTo(store, image.digest), [one.digest, two.digest].toSorted())
      assert.deepEqual(one.annotations, {note: 'one'})
      assert.equal(one.artifactType, ARTIFACT)
    })

    it('attaching the same again changes nothing', async () => {
      const image = await subject()
      const one = await attach(store, image, 'one')
      await store.linkReferrers(image, [one])
      assert.deepEqual(await attachedTo(store, image.digest), [one.digest])
    })

    it('20 attach at the same time, and none is lost', async () => {
      const image = await subject()
      const attached = await Promise.all(Array.from({length: 20}, (_, n) => attach(store, image, `note ${n}`)))
      assert.deepEqual(await attachedTo(store, image.digest), attached.map(({digest}) => digest).toSorted())
    })

    it('20 processes attach at the same time, and none is lost', async () => {
      const image = await subject()
      const started = Array.from({length: 20}, (_, from) => attachingProcess('registry', store.location, locks, image.digest, from, 1))
      const ended = await Promise.all(started.map((one) => one.ended))
      assert.deepEqual(
        ended.map(({code}) => code),
        started.map(() => 0),
      )
      const digests = ended.flatMap((one) => one.digests)
      assert.equal(digests.length, 20)
      assert.deepEqual(await attachedTo(store, image.digest), digests.toSorted())
    }).timeout(60_000)
  })
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size)
}
