/**
 * The evidence store as a bucket with versions and Object Lock: `openBucket(address)`.
 *
 * Identity only by the SDK's default chain; the region by the address, else by the variables and the chain. Opening asks
 * the network nothing: what is wrong with the bucket is said by the first call that meets it.
 */
import process from 'node:process'
import {AppError} from '../../errors.ts'
import {storeAddressText, type S3Address} from '../../evidence/store-address.ts'
import type {EvidenceStore, StoreControls} from '../../ports/evidence-store.ts'
import {askBucket} from './ask-bucket.ts'
import {bucketControls} from './bucket-controls.ts'
import {bucketStore} from './bucket-store.ts'
import {openClient, type S3Settings} from './open-client.ts'
import type {OpenedBucket} from './opened-bucket.ts'

export interface Bucket {
  readonly store: EvidenceStore
  readonly controls: StoreControls
}

export const S3_DEFAULTS: Omit<S3Settings, 'env'> = {each: 10_000, total: 60_000, attempts: 4, again: 8, pause: 200, page: 1000}

/** @throws AppError `store.refused` where nothing says in which region it lies */
export async function openBucket(address: S3Address, settings: Partial<S3Settings> = {}): Promise<Bucket> {
  const all = {...S3_DEFAULTS, env: process.env, ...settings}
  const text = storeAddressText(address)
  const client = openClient(address, all)
  try {
    await client.config.region()
  } catch (cause) {
    throw new AppError('store.refused', `nothing says in which AWS region ${text} lies`, {cause, fix: `Set AWS_REGION, or add region=REGION to the address.`})
  }
  const opened: OpenedBucket = {client, ask: askBucket(address, all), address, text, page: all.page}
  return {store: bucketStore(opened), controls: bucketControls(opened)}
}
