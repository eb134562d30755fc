/** The real store at an address, for programs that are started by a test. A path is a folder's. */
import {parseStoreAddress} from '../src/lib/evidence/store-address.ts'
import type {EvidenceStore} from '../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../src/lib/stores/folder.ts'
import {openBucket} from '../src/lib/stores/s3/open-bucket.ts'

export async function openStore(address: string): Promise<EvidenceStore> {
  const place = parseStoreAddress(address.includes(':') ? address : `folder:${address}`)
  return place.kind === 'folder' ? openFolderStore(place.path) : (await openBucket(place)).store
}
