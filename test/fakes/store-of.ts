/** The real store at an address, with the real spool behind it, for programs that are killed. */
import {parseStoreAddress} from '../../src/lib/evidence/store-address.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {openBucket} from '../../src/lib/stores/s3/open-bucket.ts'
import {openSpool} from '../../src/lib/stores/spool.ts'
import {spooledStore} from '../../src/lib/stores/spooled.ts'

export interface StoreRequest {
  /** An address; paths are absolute. */
  readonly store: string
  /** A folder. */
  readonly spool?: string
  /** Milliseconds of one try to a bucket, where a test lets it hang. */
  readonly each?: number
}

export async function storeOf({store: address, spool, each}: StoreRequest): Promise<EvidenceStore> {
  const place = parseStoreAddress(address)
  const store = place.kind === 'folder' ? openFolderStore(place.path) : (await openBucket(place, each === undefined ? {} : {each})).store
  return spool === undefined
    ? store
    : spooledStore(
        store,
        async () => openSpool(spool, address),
        () => undefined,
      )
}
