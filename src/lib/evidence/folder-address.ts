/** `folder:PATH`, the address of a place on disk. Pure. */
import {AppError} from '../errors.ts'

/** The path of a folder's address. @throws AppError `store.unsupported` */
export function folderPath(address: string): string {
  refusePath(address)
  const path = /^folder:(.+)$/s.exec(address)?.[1]
  if (path === undefined) throw unsupported(address)
  return path
}

/** A bare path, most likely meant as a folder's. @throws AppError `store.unsupported`, with the address to write */
export function refusePath(address: string): void {
  if (address !== '' && !/^[a-z][a-z0-9+]*:/i.test(address)) throw unsupported(address, `Use folder:${address}`)
}

function unsupported(address: string, fix?: string): AppError {
  return new AppError('store.unsupported', `${address} is not a place that this version can use`, fix === undefined ? {} : {fix})
}
