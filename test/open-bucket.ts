/** The evidence store in a bucket of the S3 server of the tests, within a `describe` that calls `asAwsEnvironment`. */
import assert from 'node:assert/strict'
import {parseStoreAddress} from '../src/lib/evidence/store-address.ts'
import {openBucket, type Bucket} from '../src/lib/stores/s3/open-bucket.ts'
import type {S3Settings} from '../src/lib/stores/s3/open-client.ts'

export async function openTestBucket(address: string, settings: Partial<S3Settings> = {}): Promise<Bucket> {
  const place = parseStoreAddress(address)
  assert.ok(place.kind === 's3')
  return openBucket(place, settings)
}
