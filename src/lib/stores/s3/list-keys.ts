/** The keys of a bucket under a prefix, page by page, in byte order. */
import {ListObjectsV2Command, type ListObjectsV2CommandOutput} from '@aws-sdk/client-s3'
import {AppError} from '../../errors.ts'
import {notABucket} from './failure.ts'
import {listedKey} from './listed-key.ts'
import type {OpenedBucket} from './opened-bucket.ts'

export async function* listKeys({ask, client, address, text, page}: OpenedBucket, prefix: string): AsyncIterable<string> {
  let token: string | undefined
  do {
    // oxlint-disable-next-line no-await-in-loop -- a page names the next one
    const answer: ListObjectsV2CommandOutput = await ask({doing: `list ${prefix}`, right: 's3:ListBucket'}, async (options) =>
      client.send(
        new ListObjectsV2Command({
          Bucket: address.bucket,
          Prefix: address.prefix + prefix,
          MaxKeys: page,
          EncodingType: 'url',
          ...(token !== undefined && {ContinuationToken: token}),
        }),
        options,
      ),
    )
    if (answer.IsTruncated === undefined) throw notABucket(text)
    for (const {Key: key} of answer.Contents ?? []) yield listedKey(address, key)
    token = nextToken(text, answer, token)
  } while (token !== undefined)
}

/** @throws AppError `store.unreachable` where the list would not go on: half a list must not look like a whole one */
function nextToken(text: string, answer: ListObjectsV2CommandOutput, before: string | undefined): string | undefined {
  if (answer.IsTruncated !== true) return undefined
  const token = answer.NextContinuationToken ?? before
  if (token === before) throw new AppError('store.unreachable', `the list of ${text} breaks off`)
  return token
}
