/** Where the index of a folder store lies: `index` of the configuration, else beside the store. Pure. */
import {relative, isAbsolute} from 'node:path'
import {AppError} from '../errors.ts'
import {folderPath} from '../evidence/store-address.ts'

/**
 * @param config addresses with absolute paths
 * @throws AppError `config.invalid` where the two would lie in one another, `store.unsupported`
 */
export function indexFolder({store, index = `${store}-index`}: {readonly store: string; readonly index?: string | undefined}): string {
  const [storePath, indexPath] = [folderPath(store), folderPath(index)]
  if (contains(storePath, indexPath) || contains(indexPath, storePath))
    throw new AppError('config.invalid', `the index ${indexPath} and the evidence store ${storePath} lie in one another`, {
      fix: 'Set `index: folder:PATH` to a folder of its own, or leave it out.',
    })
  return indexPath
}

function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (way !== '..' && !/^\.\.[/\\]/.test(way) && !isAbsolute(way))
}
