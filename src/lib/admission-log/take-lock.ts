/** The lock on a log, kept until it is given back: `takeLock(path, wait)`. */
import {AppError} from '../errors.ts'
import {withLock} from '../lock.ts'

/** @returns gives it back. @throws AppError `admission.log-unusable` naming the holder */
export async function takeLock(path: string, wait: number): Promise<() => Promise<void>> {
  const {promise: ended, resolve: end} = Promise.withResolvers<void>()
  const {promise: taken, resolve: took} = Promise.withResolvers<void>()
  const held = withLock(
    path,
    async () => {
      took()
      await ended
    },
    {wait, fault: 'admission.log-unusable'},
  )
  await Promise.race([taken, held.catch((error: unknown) => Promise.reject(inUse(error)))])
  return async () => {
    end()
    await held
  }
}

function inUse(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'store.conflict') return error
  return new AppError('admission.log-unusable', error.message, {cause: error, fix: 'Give each server a volume of its own, or wait until the other has ended.'})
}
