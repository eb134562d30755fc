/** OCI layouts on disk: as a store, and as something that may have been tampered with. */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {readFileSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {buildIndex, pushImage, writeLayout, type OciImage} from '../../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../../scripts/image/service.ts'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import {verifyImage} from '../../../src/lib/images/verify-image.ts'
import type {Descriptor, ImageStore} from '../../../src/lib/ports/images.ts'
import {createLayout, openLayout} from '../../../src/lib/registry/layout.ts'
import {attach, attachedTo} from './attach.ts'
import {attachingProcess} from './processes.ts'
import {scratchFolder} from './settings.ts'

describe('an OCI layout', () => {
  let path: string
  let store: ImageStore
  beforeEach(async () => {
    path = join(scratchFolder(), 'layout')
    store = await createLayout(path)
  })
  const rewriteIndex = (change: (entry: Descriptor) => Descriptor): void => {
    writeFileSync(join(path, 'index.json'), JSON.stringify({schemaVersion: 2, manifests: entries().map(change)}))
  }
  const blobFile = (digest: string): string => join(path, 'blobs/sha256', digest.slice(7))
  const entries = (): Descriptor[] => (JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as {manifests: Descriptor[]}).manifests

  it('resolves tags, digests, children that index.json does not list, and the only image', async () => {
    const image = serviceIndex()
    const digest = await writeLayout(path, image, {tag: 'v1'})
    for (const reference of ['v1', digest, '']) assert.equal((await store.resolve(reference)).descriptor.digest, digest)
    for (const {descriptor} of image.children) assert.equal((await store.resolve(descriptor.digest)).descriptor.digest, descriptor.digest)
    assert.equal(entries().length, 1)
    await assert.rejects(store.resolve('v2'), {code: 'image.not-found'})
    await assert.rejects(store.resolve(`sha256:${'0'.repeat(64)}`), {code: 'image.not-found'})
  })

  it('says which images there are where it is asked for the only one', async () => {
    await assert.rejects(store.resolve(''), {code: 'image.not-found'})
    await pushImage(store, serviceImage(), 'v1')
    await pushImage(store, serviceImage({version: '2.0.0'}), 'v2')
    await assert.rejects(store.resolve(''), {code: 'usage.target', message: /v1, v2/})
  })

  it('takes what Cosign 2 keeps under tags of its own for no image', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    for (const [at, kind] of ['sig', 'att', 'sbom'].entries())
      await pushImage(store, serviceImage({version: `9.0.${at}`}), `${digest.replace(':', '-')}.${kind}`)
    assert.equal((await store.resolve('')).descriptor.digest, digest)
  })

  it('moves a tag and keeps what had it', async () => {
    const old = await pushImage(store, serviceImage(), 'v1')
    const fresh = await pushImage(store, serviceImage({version: '2.0.0'}), 'v1')
    await pushImage(store, serviceImage({version: '2.0.0'}), 'v1')
    assert.equal((await store.resolve('v1')).descriptor.digest, fresh)
    assert.deepEqual(
      entries().map(({digest}) => digest),
      [old, fresh],
    )
  })

  it('finds what is attached, and is still a layout with one image', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    const {descriptor} = await store.resolve(digest)
    const one = await attach(store, descriptor, 'one')
    await store.linkReferrers(descriptor, [one])
    assert.deepEqual(await attachedTo(store, digest), [one.digest])
    assert.deepEqual(await attachedTo(store, one.digest), [])
    assert.equal((await store.resolve('')).descriptor.digest, digest)
  })

  it('finds what another tool left under the fallback tag', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    const {descriptor} = await store.resolve(digest)
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: {...(await store.pushBlob(Buffer.from('{}')))},
      layers: [],
      subject: descriptor,
    }
    const bytes = Buffer.from(JSON.stringify(manifest))
    const child = {...(await store.pushBlob(bytes)), mediaType: MEDIA_TYPES.manifest}
    await store.pushManifest(
      Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [child]})),
      MEDIA_TYPES.index,
      digest.replace(':', '-'),
    )
    assert.deepEqual(await attachedTo(store, digest), [child.digest])
    assert.equal((await store.resolve('')).descriptor.digest, digest)
  })

  it('20 attach at the same time, and none is lost', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    const {descriptor} = await store.resolve(digest)
    const attached = await Promise.all(Array.from({length: 20}, (_, n) => attach(store, descriptor, `note ${n}`)))
    assert.deepEqual(await attachedTo(store, digest), attached.map((one) => one.digest).toSorted())
    assert.deepEqual(
      readdirSync(join(path, 'blobs/sha256')).filter((name) => name.includes('tmp')),
      [],
    )
  })

  it('two processes attach at the same time, and none is lost', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    const ended = await Promise.all([0, 10].map(async (from) => attachingProcess('layout', path, '', digest, from, 10).ended))
    const digests = ended.flatMap((one) => one.digests)
    assert.equal(digests.length, 20)
    assert.deepEqual(await attachedTo(store, digest), digests.toSorted())
  }).timeout(60_000)

  it('killed at any moment, it holds what was reported, and the next writer goes on', async () => {
    const digest = await pushImage(store, serviceImage(), 'v1')
    const reported: string[] = []
    for (let round = 0; round < 5; round += 1) {
      const doomed = attachingProcess('layout', path, '', digest, round * 100, 90)
      await doomed.reported(1 + round)
      doomed.child.kill('SIGKILL')
      reported.push(...(await doomed.ended).digests)
    }
    const steady = await attachingProcess('layout', path, '', digest, 1000, 5).ended
    assert.equal(steady.code, 0)
    reported.push(...steady.digests)
    assert.ok(reported.length >= 5 + 5)
    const found = new Set(await attachedTo(await openLayout(path), digest))
    assert.deepEqual(
      reported.filter((one) => !found.has(one)),
      [],
    )
    await verifyImage(store, digest)
  }).timeout(120_000)

  describe('that was tampered with', () => {
    let image: OciImage
    let digest: string
    let layer: Descriptor
    beforeEach(async () => {
      image = serviceImage({log4j: '2.14.1'})
      digest = await pushImage(store, image, 'v1')
      const found = (await store.resolve(digest)).json.layers?.at(-1)
      assert.ok(found)
      layer = found
    })
    const corrupt = async (): Promise<void> => {
      await assert.rejects(verifyImage(store, digest), {code: 'image.corrupt'})
      await assert.rejects(store.blob(layer), {code: 'image.corrupt'})
    }

    it('is intact at first', async () => {
      const {platforms} = await verifyImage(store, digest)
      assert.deepEqual(platforms, [{platform: 'linux/amd64', digest}])
    })

    it('a swapped layer', async () => {
      const clean = serviceImage()
      const [other] = [...clean.blobs.values()].slice(1, 2)
      writeFileSync(blobFile(layer.digest), other ?? '')
      await corrupt()
    })

    it('a layer of the same length', async () => {
      const bytes = readFileSync(blobFile(layer.digest))
      bytes[30] = (bytes[30] ?? 0) ^ 1
      writeFileSync(blobFile(layer.digest), bytes)
      await corrupt()
    })

    it('a truncated layer', async () => {
      truncateSync(blobFile(layer.digest), layer.size - 1)
      await corrupt()
    })

    it('a missing layer', async () => {
      rmSync(blobFile(layer.digest))
      await corrupt()
    })

    it('a layer that is a link, even to the right bytes', async () => {
      renameSync(blobFile(layer.digest), join(path, 'moved'))
      symlinkSync(join(path, 'moved'), blobFile(layer.digest))
      await corrupt()
    })

    it('a layer that is a folder', async () => {
      rmSync(blobFile(layer.digest))
      mkdirSync(blobFile(layer.digest))
      await corrupt()
    })

    it('a layer that is a named pipe does not hang', async () => {
      rmSync(blobFile(layer.digest))
      execFileSync('mkfifo', [blobFile(layer.digest)])
      await corrupt()
    })

    it('a manifest with other bytes, a missing one, and one of another size than listed', async () => {
      writeFileSync(blobFile(digest), Buffer.concat([Buffer.from(image.bytes), Buffer.from('\n')]))
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt'})
      await assert.rejects(store.resolve(digest), {code: 'image.corrupt'})
      rmSync(blobFile(digest))
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt', message: /missing/})
      writeFileSync(blobFile(digest), image.bytes)
      rewriteIndex((entry) => ({...entry, size: entry.size + 1}))
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt'})
    })

    it('an index.json that leads out of the folder, is torn, or gone', async () => {
      rewriteIndex((entry) => ({...entry, digest: 'sha256:../../../etc/passwd'}))
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt'})
      writeFileSync(join(path, 'index.json'), '{"schemaVersion":2,"mani')
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt'})
      rmSync(join(path, 'index.json'))
      await assert.rejects(store.resolve('v1'), {code: 'image.corrupt'})
    })

    it('a blob folder that is a link', async () => {
      renameSync(join(path, 'blobs'), join(path, 'elsewhere'))
      symlinkSync(join(path, 'elsewhere'), join(path, 'blobs'))
      await assert.rejects(openLayout(path), {code: 'image.corrupt'})
    })

    it('a damaged blob is repaired by pushing it again', async () => {
      truncateSync(blobFile(layer.digest), 1)
      await pushImage(store, image, 'v1')
      await verifyImage(store, digest)
    })
  })

  it('an index that lies about a platform is refused', async () => {
    const [amd] = serviceIndex().children
    assert.ok(amd)
    const digest = await pushImage(store, buildIndex([{...amd, descriptor: {...amd.descriptor, platform: {os: 'linux', architecture: 'arm64'}}}]))
    await assert.rejects(verifyImage(store, digest), {code: 'image.unsupported', message: /linux\/amd64.*linux\/arm64/})
  })

  it('says where it cannot be written', async () => {
    writeFileSync(join(path, 'file'), '')
    await assert.rejects(createLayout(join(path, 'file', 'below')), {code: 'layout.not-written'})
    rmSync(join(path, 'blobs/sha256'), {recursive: true})
    await assert.rejects(store.pushBlob(Buffer.from('x')), {code: 'layout.not-written', message: /ENOENT/})
    rmSync(join(path, '.index.json.lock'), {force: true})
    mkdirSync(join(path, '.index.json.lock'))
    const entry = {mediaType: MEDIA_TYPES.manifest, digest: digestOf(Buffer.from('x')), size: 1}
    await assert.rejects(store.linkReferrers(entry, [entry]), {code: 'layout.not-written', message: /lock/})
  })

  it('what is no layout is not opened', async () => {
    await assert.rejects(openLayout(scratchFolder()), {code: 'usage.target'})
    await assert.rejects(openLayout(join(path, 'gone')), {code: 'usage.target'})
    writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
    await assert.rejects(openLayout(path), {code: 'image.unsupported'})
  })
})
