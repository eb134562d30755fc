/** What the lifecycle rules of a bucket do to evidence. */
import {GetBucketLifecycleConfigurationCommand, type LifecycleRule, type S3Client} from '@aws-sdk/client-s3'
import type {StoreSettings} from '../../ports/evidence-store.ts'
import type {RequestOptions} from './ask-bucket.ts'
import {errorName} from './failure.ts'

export async function lifecycleOf(client: S3Client, Bucket: string, options: RequestOptions): Promise<NonNullable<StoreSettings['lifecycle']>> {
  try {
    const {Rules: rules = []} = await client.send(new GetBucketLifecycleConfigurationCommand({Bucket}), options)
    const enabled = rules.filter(({Status: status}) => status === 'Enabled')
    return enabled.length === 0 ? 'none' : enabled.some(expires) ? 'expires' : 'keeps'
  } catch (error) {
    if (errorName(error) === 'NoSuchLifecycleConfiguration') return 'none'
    throw error
  }
}

/** Moving to another storage class, clearing away unfinished uploads and lone markers keep what there is. */
function expires({Expiration: expiration, NoncurrentVersionExpiration: noncurrent}: LifecycleRule): boolean {
  return expiration?.Days !== undefined || expiration?.Date !== undefined || noncurrent !== undefined
}
