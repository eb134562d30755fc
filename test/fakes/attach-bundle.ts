/** Attaches bundle bytes to an image as Cosign 3 does: an OCI artifact with a subject. What is attached is not looked at. */
import {MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore} from '../../src/lib/ports/images.ts'

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

export async function attachBundle(
  store: ImageStore,
  subject: Descriptor,
  bundle: Uint8Array,
  {artifactType = BUNDLE_TYPE}: {readonly artifactType?: string} = {},
): Promise<Descriptor> {
  const config = await store.pushBlob(Buffer.from('{}'))
  const layer = await store.pushBlob(bundle)
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType,
    config: {...config, mediaType: MEDIA_TYPES.empty},
    layers: [{...layer, mediaType: artifactType}],
    subject: {mediaType: subject.mediaType, digest: subject.digest, size: subject.size},
    annotations: {'org.opencontainers.image.created': '2026-06-15T11:00:00Z'},
  }
  const pushed = await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.manifest)
  const descriptor = {...pushed, artifactType}
  await store.linkReferrers(subject, [descriptor])
  return descriptor
}
