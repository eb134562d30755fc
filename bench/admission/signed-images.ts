/**
 * Images of one repository, each signed by one key, made by our own code: signing ten thousand by the command would take an hour.
 *
 * They share layers and configuration, and differ by an annotation of the manifest: to who judges they are different images.
 */
import {serviceImage} from '../../scripts/image/service.ts'
import {digestOf, MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import {inOrder} from '../../src/lib/actions/in-order.ts'
import {BUNDLE_TYPE} from '../../test/fakes/attach-bundle.ts'
import type {TestSigner} from '../../test/fakes/dsse-signer.ts'
import {signatureOf} from '../../test/fakes/statements.ts'

export interface ImageMaker {
  /** @returns digests, of images that were not made before */
  make(count: number): Promise<string[]>
}

const AT_ONCE = 12

/** @param named `host/path` that the signatures are about; `store` may reach it by another name */
export async function imageMaker(store: ImageStore, named: string, signer: TestSigner): Promise<ImageMaker> {
  const {bytes, blobs} = serviceImage()
  for (const blob of blobs.values()) await store.pushBlob(blob)
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (typeof manifest !== 'object') throw new Error('no manifest')
  const empty = {...(await store.pushBlob(Buffer.from('{}'))), mediaType: MEDIA_TYPES.empty}
  let made = 0

  const makeOne = async (number: number): Promise<string> => {
    const image = Buffer.from(JSON.stringify({...manifest, annotations: {'bench.image': String(number)}}))
    const subject = {mediaType: MEDIA_TYPES.manifest, digest: digestOf(image), size: image.length}
    const bundle = signer.bundle(signatureOf([subject.digest], named))
    const [layer] = await Promise.all([store.pushBlob(bundle), store.pushManifest(image, subject.mediaType)])
    const signature = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      artifactType: BUNDLE_TYPE,
      config: empty,
      layers: [{...layer, mediaType: BUNDLE_TYPE}],
      subject,
    }
    await store.pushManifest(Buffer.from(JSON.stringify(signature)), MEDIA_TYPES.manifest)
    return subject.digest
  }

  return {
    async make(count) {
      const numbers = Array.from({length: count}, (_, index) => made + index)
      made += count
      const digests: string[] = []
      for await (const digest of inOrder(numbers, AT_ONCE, makeOne)) digests.push(digest)
      return digests
    },
  }
}
