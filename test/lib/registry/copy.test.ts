/** Copies keep digests and everything attached, and can be repeated. */
import assert from 'node:assert/strict'
import {truncateSync} from 'node:fs'
import {join} from 'node:path'
import {pushImage} from '../../../scripts/image/build-image.ts'
import {serviceIndex} from '../../../scripts/image/service.ts'
import {copyImage, type CopiedPart} from '../../../src/lib/images/copy-image.ts'
import {MEDIA_TYPES} from '../../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore} from '../../../src/lib/ports/images.ts'
import {verifyImage} from '../../../src/lib/images/verify-image.ts'
import {createLayout} from '../../../src/lib/registry/layout.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../../registry.ts'
import {attach, attachedTo} from './attach.ts'
import {scratchFolder} from './settings.ts'

for (const referrers of [true, false]) {
  describe(`copying over a registry ${referrers ? 'with the referrers API' : 'with the fallback tag'}`, () => {
    let first: TestRegistry
    let second: TestRegistry
    before(async () => {
      first = await startRegistry({referrers})
      second = await startRegistry({referrers: !referrers})
    })
    after(async () => Promise.all([first.stop(), second.stop()]))

    const open = (registry: TestRegistry, name: string): ImageStore =>
      openRegistry(`${registry.host}/${name}`, {lockFolder: scratchFolder(), wait: 20, settle: 20})

    it('layout -> registry -> registry -> layout keeps digests, children, and what is attached to any of them', async () => {
      const start = await createLayout(join(scratchFolder(), 'start'))
      const image = serviceIndex()
      const digest = await pushImage(start, image, 'v1')
      const {descriptor} = await start.resolve(digest)
      const one = await attach(start, descriptor, 'signature of the index')
      const onOne = await attach(start, one, 'attached to the attachment')
      const [child] = image.children
      assert.ok(child)
      const onChild = await attach(start, child.descriptor, 'signature of one platform')

      const end = await createLayout(join(scratchFolder(), 'end'))
      let from: ImageStore = start
      for (const to of [open(first, 'a/app'), open(second, 'b/app'), end]) {
        const copied = await copyImage(from, to, digest, {referrers: true, tag: 'v9'})
        assert.deepEqual([...copied.referrers].toSorted(), [one, onOne, onChild].map((item) => item.digest).toSorted())
        assert.equal(copied.descriptor.digest, digest)
        from = to
      }
      assert.equal((await end.resolve('v9')).descriptor.digest, digest)
      assert.equal((await end.resolve('')).descriptor.digest, digest)
      assert.deepEqual(await attachedTo(end, digest), [one.digest])
      assert.deepEqual(await attachedTo(end, one.digest), [onOne.digest])
      assert.deepEqual(await attachedTo(end, child.descriptor.digest), [onChild.digest])
      assert.deepEqual(await verifyImage(end, digest), await verifyImage(start, digest))
    }).timeout(30_000)

    it('copying again moves nothing', async () => {
      const source = await createLayout(join(scratchFolder(), 'layout'))
      const digest = await pushImage(source, serviceIndex())
      await attach(source, (await source.resolve(digest)).descriptor, 'note')
      const sink = open(first, 'twice/app')
      await copyImage(source, sink, digest, {referrers: true})
      const again = await copyImage(source, sink, digest, {referrers: true})
      assert.equal(again.bytes, 0)
      assert.equal((await sink.referrers(digest)).length, 1)
    })

    it('leaves what is attached where it is not asked for', async () => {
      const source = await createLayout(join(scratchFolder(), 'layout'))
      const digest = await pushImage(source, serviceIndex())
      await attach(source, (await source.resolve(digest)).descriptor, 'note')
      const sink = open(first, 'bare/app')
      assert.deepEqual((await copyImage(source, sink, digest, {referrers: false})).referrers, [])
      assert.deepEqual(await sink.referrers(digest), [])
    })

    it('a damaged layer stops the copy before the sink names the image', async () => {
      const folder = join(scratchFolder(), 'layout')
      const source = await createLayout(folder)
      const digest = await pushImage(source, serviceIndex({version: referrers ? '7.0.0' : '8.0.0'}))
      const [child] = (await source.resolve(digest)).json.manifests ?? []
      const layer = (await source.resolve(child?.digest ?? '')).json.layers?.at(-1)
      assert.ok(layer)
      truncateSync(join(folder, 'blobs/sha256', layer.digest.slice(7)), 5)
      const sink = open(first, 'damaged/app')
      await assert.rejects(copyImage(source, sink, digest, {referrers: true, tag: 'v1'}), {code: 'image.corrupt'})
      for (const reference of ['v1', digest]) await assert.rejects(sink.resolve(reference), {code: 'image.not-found'})
    })

    it('goes on where a copy broke off, and says of each part what became of it', async () => {
      const source = await createLayout(join(scratchFolder(), 'layout'))
      const digest = await pushImage(source, serviceIndex({version: referrers ? '5.0.0' : '6.0.0'}))
      const note = await attach(source, (await source.resolve(digest)).descriptor, 'note')
      const sink = open(first, 'resumed/app')
      const stop = new Error('stopped')
      let parts = 0
      const stopped = copyImage(source, sink, digest, {
        referrers: true,
        onPart: () => {
          parts += 1
          if (parts === 3) throw stop
        },
      })
      await assert.rejects(stopped, stop)
      await assert.rejects(sink.resolve(digest), {code: 'image.not-found'})

      const seen: CopiedPart[] = []
      await copyImage(source, sink, digest, {referrers: true, onPart: (part) => seen.push(part)})
      assert.ok(seen.some(({outcome}) => outcome === 'present') && seen.some(({outcome}) => outcome === 'written'))
      assert.deepEqual(
        seen.filter(({kind}) => kind === 'referrer').map((part) => part.digest),
        [note.digest],
      )
      const again: CopiedPart[] = []
      await copyImage(source, sink, digest, {referrers: true, onPart: (part) => again.push(part)})
      // The image itself is written each time: that is what moves a tag.
      assert.deepEqual(
        again.filter(({outcome}) => outcome !== 'present').map((part) => part.digest),
        [digest],
      )
    })

    it('takes along what Cosign 2 keeps under tags, and takes nothing away there', async () => {
      const source = open(referrers ? second : first, 'tags/app')
      const image = serviceIndex()
      const digest = await pushImage(source, image)
      const [child] = image.children
      assert.ok(child)
      const tagOf = (of: string, ending: string) => `${of.replace(':', '-')}.${ending}`
      const signed = await tagged(source, tagOf(digest, 'sig'), ['one'])
      const attested = await tagged(source, tagOf(child.descriptor.digest, 'att'), ['sbom'])
      const sink = open(first, 'tags/copied')
      const copied = await copyImage(source, sink, digest, {referrers: true})
      assert.deepEqual([...copied.referrers].toSorted(), [signed, attested].toSorted())
      assert.equal((await sink.resolve(tagOf(digest, 'sig'))).descriptor.digest, signed)
      const {json} = await sink.resolve(tagOf(child.descriptor.digest, 'att'))
      assert.equal(Buffer.from(await sink.blob(json.layers?.[0] ?? assert.fail())).toString(), 'sbom')
      await copyImage(source, sink, digest, {referrers: false})

      const more = await tagged(source, tagOf(digest, 'sig'), ['one', 'two'])
      await copyImage(source, sink, digest, {referrers: true})
      assert.equal((await sink.resolve(tagOf(digest, 'sig'))).descriptor.digest, more)

      const own = await tagged(sink, tagOf(digest, 'sig'), ['one', 'of its own'])
      assert.ok(!(await copyImage(source, sink, digest, {referrers: true})).referrers.includes(more))
      assert.equal((await sink.resolve(tagOf(digest, 'sig'))).descriptor.digest, own)
    })

    it('believes no list: what is about another image is not copied', async () => {
      const source = open(referrers ? second : first, 'liar/app')
      const digest = await pushImage(source, serviceIndex())
      const {descriptor} = await source.resolve(digest)
      const other = await pushImage(source, serviceIndex({version: '2.0.0'}))
      const stranger = await attach(source, (await source.resolve(other)).descriptor, 'about another')
      await source.linkReferrers(descriptor, [stranger])
      const sink = await createLayout(join(scratchFolder(), 'sink'))
      assert.deepEqual((await copyImage(source, sink, digest, {referrers: true})).referrers, [])
      assert.deepEqual(await sink.referrers(digest), [])
    })

    it('what is listed and gone stops the copy: it may have been anything', async () => {
      const source = open(referrers ? second : first, 'gone/app')
      const digest = await pushImage(source, serviceIndex())
      const gone = await attach(source, (await source.resolve(digest)).descriptor, 'gone')
      const {status} = await fetch(`http://${source.location.replace('/', '/v2/')}/manifests/${gone.digest}`, {method: 'DELETE'})
      assert.equal(status, 202)
      const sink = await createLayout(join(scratchFolder(), 'sink'))
      await assert.rejects(copyImage(source, sink, digest, {referrers: true}), (error: Error) => {
        assert.equal('code' in error && error.code, 'registry.protocol')
        assert.ok(error.message.includes(gone.digest) && error.message.includes(source.location))
        return true
      })
    })
  })
}

/** A manifest with such layers, under a tag. */
async function tagged(store: ImageStore, tag: string, layers: readonly string[]): Promise<string> {
  const config = await store.pushBlob(Buffer.from('{}'))
  const pushed = await Promise.all(layers.map(async (text) => store.pushBlob(Buffer.from(text))))
  const blob = ({digest, size}: Descriptor) => ({mediaType: 'application/octet-stream', digest, size})
  const manifest = {schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: blob(config), layers: pushed.map(blob)}
  return (await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.manifest, tag)).digest
}
