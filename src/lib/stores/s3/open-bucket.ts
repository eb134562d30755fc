/** The evidence store as a bucket with versions and Object Lock: `openBucket(address)`. */
import {AppError} from '../../errors.ts'
import {storeAddressText, type S3Address} from '../../evidence/store-address.ts'
import type {EvidenceStore, StoreControls} from '../../ports/evidence-store.ts'

export interface Bucket {
  readonly store: EvidenceStore
  readonly controls: StoreControls
}

/** @throws AppError `store.*` */
export async function openBucket(address: S3Address): Promise<Bucket> {
  throw new AppError('store.unsupported', `${storeAddressText(address)} is not a place that this version can use`)
}
