/** What scanners are given, as the port says it. */
import {AppError} from '../errors.ts'
import type {OciStore} from '../images/oci-store.ts'
import type {ImageStore} from '../ports/images.ts'
import type {Checkouts} from '../ports/scanners.ts'
import {checkOutImage, unpackArchive} from './checkout.ts'
import {readDockerArchive} from './docker-archive.ts'

export const checkouts: Checkouts = {
  async single(store, digest) {
    if (!canStream(store)) throw new AppError('bug', `${store.location} cannot be read part by part`)
    return checkOutImage(store, digest)
  },
  unpack: unpackArchive,
  dockerArchive: readDockerArchive,
}

function canStream(store: ImageStore): store is OciStore {
  return 'streamBlob' in store
}
