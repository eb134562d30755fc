/** What the operating system said, as one of our errors: which path, and why. */
import {AppError} from '../errors.ts'

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a file lies where a folder should be',
  ENOTSUP: 'the file system has no hard links',
  EPERM: 'not permitted (a file system without hard links also says so)',
  EROFS: 'the file system is read-only',
}

/** An AppError passes through. */
export function storeError(verb: 'read' | 'write' | 'list', path: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = errorCode(error)
  return new AppError('store.unreachable', `cannot ${verb} ${path}: ${CAUSES[code] ?? 'the system refused'} (${code})`, {cause: error})
}

/** `ENOENT` and the like; of anything else its text. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
}
