/** Which buckets a policy is about: the store, and where its checkpoints are copied to. */
import {KEPT_YEARS} from '../../access/retention.ts'
import type {StorePlaces} from '../../access/role-policy.ts'
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {parseStoreAddress, type S3Address} from '../../evidence/store-address.ts'

/** Versions are locked for a hundred years at most. */
const MOST_YEARS = 100

/**
 * @param years default seven
 * @throws AppError `store.unsupported` where the store is a folder, `usage.flag`
 */
export function storePlaces(config: Pick<Config, 'store' | 'sealing'>, years: number = KEPT_YEARS): StorePlaces {
  if (years < KEPT_YEARS || years > MOST_YEARS)
    throw new AppError('usage.flag', `--years ${years} is not from ${KEPT_YEARS} to ${MOST_YEARS}: HIPAA's six years must be inside`)
  const copies = (config.sealing?.copies ?? []).map(parseStoreAddress).filter((place) => place.kind === 's3')
  return {store: bucketOf(config.store), copies, years}
}

/** @throws AppError `store.unsupported` where the store is a folder */
export function bucketOf(address: string): S3Address {
  const place = parseStoreAddress(address)
  if (place.kind === 's3') return place
  throw new AppError('store.unsupported', `${address} is a folder: who may write there is up to the machine, and nothing in it is locked`, {
    fix: 'Use s3://BUCKET/PREFIX?region=REGION.',
  })
}
