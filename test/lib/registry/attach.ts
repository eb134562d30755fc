/** Attaches something small to an image, as the real thing is attached: manifest with subject, pushed, then linked. */
import {MEDIA_TYPES} from '../../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore} from '../../../src/lib/ports/images.ts'

export const ARTIFACT = 'application/vnd.example.note.v1'

export async function attach(store: ImageStore, subject: Descriptor, text: string): Promise<Descriptor> {
  const config = {...(await store.pushBlob(Buffer.from('{}'))), mediaType: MEDIA_TYPES.empty}
  const layer = {...(await store.pushBlob(Buffer.from(text))), mediaType: ARTIFACT}
  const manifest = {schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, artifactType: ARTIFACT, config, layers: [layer], subject, annotations: {note: text}}
  const descriptor = await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.manifest)
  await store.linkReferrers(subject, [descriptor])
  return descriptor
}

/** Digests, sorted: lists have no order. */
export async function attachedTo(store: ImageStore, digest: string): Promise<string[]> {
  return (await store.referrers(digest)).map((descriptor) => descriptor.digest).toSorted()
}
