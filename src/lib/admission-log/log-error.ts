/** What the operating system said about the log, as one of our errors. */
import {AppError} from '../errors.ts'

/** An AppError passes through. */
export function logError(doing: string, path: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('admission.log-unusable', `cannot ${doing} ${path}: ${WORDS[errorCode(error)] ?? 'the system refused'} (${errorCode(error)})`, {
    cause: error,
  })
}

/** `ENOENT` and the like; of anything else its text. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EIO: 'the disk reports an error',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a file lies where a folder should be',
  EROFS: 'the file system is read-only',
}
