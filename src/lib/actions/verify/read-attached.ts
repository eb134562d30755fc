/** Reads what is attached to a digest, bundle by bundle, within bounds of memory. */
import type {Descriptor, ImageStore} from '../../ports/images.ts'
import {byteGate, type ByteGate} from './byte-gate.ts'
import {findAttached, type AttachedLayer} from './find-attached.ts'

/** What is fetched at the same time. */
export const IN_HAND = 16 * 1024 * 1024

export interface AttachedBundle {
  /** Digest of the referrer manifest. */
  readonly manifest: string
  /** Undefined where it is listed, and gone from the registry: it may have been anything. */
  readonly bundle: Uint8Array | undefined
}

/**
 * Every Sigstore bundle attached to `digest`, whole.
 * @throws AppError `referrers.too-many`, `registry.limit`, `registry.*`, `image.corrupt`
 */
export async function readAttached(store: ImageStore, digest: string): Promise<AttachedBundle[]> {
  const found = (await findAttached(store, digest)).filter(({form}) => form === 'bundle' || form === 'gone')
  return visitLayers(found, byteGate(IN_HAND), async (item) => ({
    manifest: item.manifest,
    bundle: item.form === 'gone' ? undefined : await wholeBlob(store, item.layer),
  }))
}

/** Calls `visit` for each, so that what they need together stays within the gate. Results are in the order of `layers`. */
export async function visitLayers<T>(layers: readonly AttachedLayer[], gate: ByteGate, visit: (layer: AttachedLayer) => Promise<T>): Promise<T[]> {
  return Promise.all(layers.map(async (item) => gate(item.form === 'gone' ? 0 : item.layer.size, async () => visit(item))))
}

/** Not `blob`, whose bound is for what a registry may make us hold without being asked. @throws AppError `image.corrupt`, `registry.*` */
export async function wholeBlob(store: ImageStore, layer: Descriptor): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(layer.size)
  let at = 0
  for await (const chunk of store.streamBlob(layer)) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
