/** A key out of a list of a bucket, which is asked for in URL encoding: XML has no way to write every key that somebody may have made. */
import {AppError} from '../../errors.ts'
import {storeAddressText, type S3Address} from '../../evidence/store-address.ts'

/** As the store knows it, without the prefix of its address. @throws AppError `store.unreachable` where it is none of them */
export function listedKey(address: S3Address, encoded: string | undefined): string {
  const key = decodeKey(encoded ?? '')
  if (!key.startsWith(address.prefix))
    throw new AppError('store.unreachable', `${storeAddressText(address)} lists ${JSON.stringify(key)}, which was not asked for`)
  return key.slice(address.prefix.length)
}

/** S3 writes a space as `+`, and a plus as `%2B`. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '))
  } catch {
    // No UTF-8: better seen as it was sent than not at all.
    return encoded
  }
}
