/**
 * Images, each signed by one key, made by our own code: signing ten thousand by the command would take an hour.
 *
 * They share layers and configuration, and differ by an annotation of the manifest: to who judges they are different images.
 * They are spread over repositories, each with an environment of its own: to tell what refers to an image, the registry of the
 * tests reads all that lies beside it.
 */
import {serviceImage} from '../../scripts/image/service.ts'
import {inOrder} from '../../src/lib/actions/in-order.ts'
import {digestOf, MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {BUNDLE_TYPE} from '../../test/fakes/attach-bundle.ts'
import type {TestSigner} from '../../test/fakes/dsse-signer.ts'
import {signatureOf} from '../../test/fakes/statements.ts'

export interface Registries {
  /** Where they are put, `HOST:PORT`. */
  readonly near: string
  /** What they are called, and what the signatures are about. */
  readonly far: string
}

const AT_ONCE = 8
/** Of repositories, and of namespaces whose images lie there. */
export const PLACES = Array.from({length: 40}, (_, nth) => `app-${nth + 1}`)

/** Makes so many that were not made before, the first in the first of `PLACES`. @returns their names, `far/bench/place@sha256:…` */
export function imageMaker({near, far}: Registries, signer: TestSigner): (count: number) => Promise<string[]> {
  const {bytes, blobs} = serviceImage()
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (typeof manifest !== 'object') throw new Error('no manifest')
  const stores = new Map<string, Promise<ImageStore>>()
  let made = 0

  const makeOne = async (store: ImageStore, path: string): Promise<string> => {
    made += 1
    const image = Buffer.from(JSON.stringify({...manifest, annotations: {'bench.image': String(made)}}))
    const subject = {mediaType: MEDIA_TYPES.manifest, digest: digestOf(image), size: image.length}
    const bundle = signer.bundle(signatureOf([subject.digest], `${far}/${path}`))
    await store.pushManifest(image, subject.mediaType)
    const layers = [{...(await store.pushBlob(bundle)), mediaType: BUNDLE_TYPE}]
    const config = {...(await store.pushBlob(Buffer.from('{}'))), mediaType: MEDIA_TYPES.empty}
    const signature = {schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, artifactType: BUNDLE_TYPE, config, layers, subject}
    await store.pushManifest(Buffer.from(JSON.stringify(signature)), MEDIA_TYPES.manifest)
    return `${far}/${path}@${subject.digest}`
  }

  const open = async (path: string): Promise<ImageStore> => {
    const store = openRegistry(`${near}/${path}`)
    for (const blob of blobs.values()) await store.pushBlob(blob)
    return store
  }

  return async (count) => {
    const paths = Array.from({length: count}, (_, nth) => `bench/${PLACES[nth % PLACES.length] ?? ''}`)
    const names: string[] = []
    for await (const name of inOrder(paths, AT_ONCE, async (path) => {
      const store = stores.get(path) ?? open(path)
      stores.set(path, store)
      return makeOne(await store, path)
    }))
      names.push(name)
    return names
  }
}
