/** The keys of a bucket under a prefix, page by page, in byte order. */
import {ListObjectsV2Command} from '@aws-sdk/client-s3'
import {listedKey} from './listed-key.ts'
import type {OpenedBucket} from './opened-bucket.ts'

export async function* listKeys({ask, client, address, page}: OpenedBucket, prefix: string): AsyncIterable<string> {
  let token: string | undefined
  do {
    // oxlint-disable-next-line no-await-in-loop -- a page names the next one
    const answer = await ask({doing: `list ${prefix}`, right: 's3:ListBucket'}, async (options) =>
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
    for (const {Key: key} of answer.Contents ?? []) yield listedKey(address, key)
    token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
  } while (token !== undefined)
}
