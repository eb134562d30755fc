/**
 * Where the signatures and statements about a digest lie: bundles that refer to
 * it, and the layers under Cosign 2's tags. Nothing of them is read yet.
 *
 * Lists are only hints: what counts is the fetched manifest, its subject and
 * its type. Where the referrers API and the fallback tag disagree, what either
 * names is there: the one that was left out may be the failed gate. All that
 * was found counts, whatever Cosign would look at first.
 */
import {AppError} from '../../errors.ts'
import {isIndex} from '../../images/manifest.ts'
import type {Descriptor, ImageStore, ManifestContent} from '../../ports/images.ts'
import type {FoundSignature} from '../../ports/signatures.ts'

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const SIMPLE_SIGNING_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json'
const ENVELOPE_TYPE = 'application/vnd.dsse.envelope.v1+json'

/** Whoever can push can attach, so number and bytes are bounded. An SBOM of 50 MB is one of 67 MB in a bundle. */
const MAX_LAYERS = 500
const MAX_LAYER_BYTES = 96 * 1024 * 1024
const MAX_ALL_BYTES = 256 * 1024 * 1024

export type AttachedLayer =
  | {
      readonly form: FoundSignature['form']
      /** Digest of what it lies in: the referrer, or the manifest under the tag. */
      readonly manifest: string
      readonly layer: Descriptor
    }
  /** It is listed, and gone from the registry: it may have been anything. */
  | {readonly form: 'gone'; readonly manifest: string}

/**
 * Two rounds of requests, each in parallel.
 * @throws AppError `referrers.too-many`, `registry.*`, `image.corrupt`
 */
export async function findAttached(store: ImageStore, digest: string): Promise<readonly AttachedLayer[]> {
  const tag = digest.replace(':', '-')
  const [listed, fallback, signatures, attestations] = await Promise.all([
    store.referrers(digest),
    resolveIfThere(store, tag),
    resolveIfThere(store, `${tag}.sig`),
    resolveIfThere(store, `${tag}.att`),
  ])
  const named = new Set([...listed, ...listUnder(fallback, tag, store)].map((descriptor) => descriptor.digest))
  checkNumber(named.size, digest)
  const referrers = await Promise.all([...named].map(async (each) => readReferrer(store, each, digest)))
  const layers = [...referrers.flat(), ...layersOf(signatures, 'simple-signing', SIMPLE_SIGNING_TYPE), ...layersOf(attestations, 'envelope', ENVELOPE_TYPE)]
  checkNumber(layers.length, digest)
  checkBytes(layers, digest)
  return layers
}

async function readReferrer(store: ImageStore, manifest: string, digest: string): Promise<readonly AttachedLayer[]> {
  const found = await resolveIfThere(store, manifest)
  if (found === undefined) return [{form: 'gone', manifest}]
  const {json} = found
  const [layer] = json.layers ?? []
  if (json.subject?.digest !== digest || (json.artifactType ?? json.config?.mediaType) !== BUNDLE_TYPE || layer === undefined) return []
  return [{form: 'bundle', manifest, layer}]
}

/** Every signature of Cosign 2 is one more layer. */
function layersOf(found: ManifestContent | undefined, form: 'simple-signing' | 'envelope', type: string): AttachedLayer[] {
  if (found === undefined) return []
  return (found.json.layers ?? []).filter(({mediaType}) => mediaType === type).map((layer) => ({form, manifest: found.descriptor.digest, layer}))
}

function listUnder(found: ManifestContent | undefined, tag: string, store: ImageStore): readonly Descriptor[] {
  if (found === undefined) return []
  if (!isIndex(found.json)) throw new AppError('registry.protocol', `the tag ${tag} of ${store.location} is not a list of what is attached`)
  return found.json.manifests ?? []
}

async function resolveIfThere(store: ImageStore, reference: string): Promise<ManifestContent | undefined> {
  try {
    return await store.resolve(reference)
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.not-found') return undefined
    throw error
  }
}

function checkNumber(number: number, digest: string): void {
  if (number > MAX_LAYERS) throw new AppError('referrers.too-many', `more than ${MAX_LAYERS} artifacts are attached to ${digest}`)
}

function checkBytes(layers: readonly AttachedLayer[], digest: string): void {
  let bytes = 0
  for (const {layer} of layers.filter((each) => each.form !== 'gone')) {
    if (layer.size > MAX_LAYER_BYTES)
      throw new AppError('registry.limit', `the bundle ${layer.digest} is ${layer.size} bytes; at most ${MAX_LAYER_BYTES} are read`)
    bytes += layer.size
  }
  if (bytes > MAX_ALL_BYTES) throw new AppError('registry.limit', `the bundles attached to ${digest} are more than ${MAX_ALL_BYTES} bytes`)
}
