/** Where the index of a store lies: `index` of the configuration, else beside a folder, and for a bucket in the project's own folder. Pure. */
import {isAbsolute, join, relative} from 'node:path'
import {AppError} from '../errors.ts'
import {folderPath, parseStoreAddress, type S3Address} from '../evidence/store-address.ts'

export interface IndexPlace {
  /** Like `index` an address with an absolute path, where it is a folder. */
  readonly store: string
  readonly index?: string | undefined
  /** Of the project, absolute. */
  readonly root: string
}

/** @throws AppError `config.invalid` where the two would lie in one another, `store.unsupported` */
export function indexFolder({store, index, root}: IndexPlace): string {
  const place = parseStoreAddress(store)
  if (place.kind === 's3') return index === undefined ? join(root, '.hipaa-ci', 'index', nameOf(place)) : folderPath(index)
  const indexPath = folderPath(index ?? `${store}-index`)
  if (contains(place.path, indexPath) || contains(indexPath, place.path))
    throw new AppError('config.invalid', `the index ${indexPath} and the evidence store ${place.path} lie in one another`, {
      fix: 'Set `index: folder:PATH` to a folder of its own, or leave it out.',
    })
  return indexPath
}

/** One for each store: of two in one folder, either would miss what is the other's. No bucket and no prefix has a plus or an at in its name. */
function nameOf({bucket, prefix, endpoint}: S3Address): string {
  const server = endpoint === undefined ? '' : `@${endpoint.replace(/^https?:\/\//, '').replaceAll(/[^\w.-]/g, '-')}`
  return [bucket, ...prefix.split('/').filter((part) => part !== '')].join('+') + server
}

function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (way !== '..' && !/^\.\.[/\\]/.test(way) && !isAbsolute(way))
}
