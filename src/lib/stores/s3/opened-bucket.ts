/** What the parts of a bucket share. */
import type {S3Client} from '@aws-sdk/client-s3'
import type {S3Address} from '../../evidence/store-address.ts'
import type {Ask} from './ask-bucket.ts'

export interface OpenedBucket {
  readonly client: S3Client
  readonly ask: Ask
  readonly address: S3Address
  /** Of the address, for messages. */
  readonly text: string
  /** Entries of one page of a list, at most 1000. */
  readonly page: number
}
