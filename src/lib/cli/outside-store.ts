/** Results are never written into a folder store: whatever lies there is held to be evidence, and this would be none. */
import {resolve} from 'node:path'
import {isWithinFolder} from '../actions/within-folder.ts'
import {AppError} from '../errors.ts'
import {parseStoreAddress} from '../evidence/store-address.ts'

/**
 * @param flag that names it
 * @param store address of the store, whose path is absolute
 * @throws AppError `usage.flag`
 */
export function refuseInStore(flag: string, path: string, store: string): void {
  const place = parseStoreAddress(store)
  if (place.kind !== 'folder' || !isWithinFolder(place.path, resolve(path))) return
  throw new AppError('usage.flag', `${flag} ${path} lies in the evidence store, where it would be taken for foreign`, {fix: 'Name a place outside of it.'})
}
