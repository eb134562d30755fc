/**
 * An `ImageStore` that can also stream: layers are too big to be held.
 *
 * Promise of every implementation: a stream ends without an error only if all
 * bytes came and have the digest and size of the descriptor.
 */
import type {Descriptor, ImageStore} from '../ports/images.ts'

export interface OciStore extends ImageStore {
  /** @throws AppError (while reading) `image.corrupt`, `registry.*` */
  streamBlob(descriptor: Descriptor): AsyncIterable<Uint8Array>
  /** Uploads unless it is there; `read` is called only then, and anew for another try. @throws AppError `image.corrupt`, `registry.*` */
  pushBlobStream(descriptor: Descriptor, read: () => AsyncIterable<Uint8Array>): Promise<'written' | 'present'>
}
