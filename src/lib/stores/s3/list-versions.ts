/**
 * All versions and delete markers of a bucket under a prefix, page by page.
 *
 * A page has two lists; together they are in the order of keys, and of one key the newest first. Where a second is shared
 * (S3 tells no finer time) the bucket's own order of each list is kept, objects before markers.
 */
import {ListObjectVersionsCommand, type DeleteMarkerEntry, type ListObjectVersionsCommandOutput, type ObjectVersion as ListedVersion} from '@aws-sdk/client-s3'
import {AppError} from '../../errors.ts'
import type {ObjectVersion} from '../../ports/evidence-store.ts'
import {notABucket} from './failure.ts'
import {decodeKey, listedKey} from './listed-key.ts'
import {modified} from './modified.ts'
import type {OpenedBucket} from './opened-bucket.ts'

interface Place {
  readonly KeyMarker: string
  readonly VersionIdMarker?: string
}

export async function* listVersions(bucket: OpenedBucket, prefix: string, after = ''): AsyncIterable<ObjectVersion> {
  let place: Place | undefined = after === '' ? undefined : {KeyMarker: bucket.address.prefix + after}
  do {
    // oxlint-disable-next-line no-await-in-loop -- a page names the next one
    const answer: ListObjectVersionsCommandOutput = await pageOf(bucket, prefix, place)
    if (answer.IsTruncated === undefined) throw notABucket(bucket.text)
    const own = [
      ...(answer.Versions ?? []).map((one) => described(bucket, one, 'object')),
      ...(answer.DeleteMarkers ?? []).map((one) => described(bucket, one, 'delete-marker')),
    ]
    for (const version of own.toSorted(inOrder)) if (after === '' || compare(version.key, after) > 0) yield version
    place = nextPlace(bucket, answer, place)
  } while (place !== undefined)
}

async function pageOf({ask, client, address, page}: OpenedBucket, prefix: string, place: Place | undefined): Promise<ListObjectVersionsCommandOutput> {
  return ask({doing: `list the versions of ${prefix}`, right: 's3:ListBucketVersions'}, async (options) =>
    client.send(
      new ListObjectVersionsCommand({Bucket: address.bucket, Prefix: address.prefix + prefix, MaxKeys: page, EncodingType: 'url', ...place}),
      options,
    ),
  )
}

/** @throws AppError `store.unreachable` where the list would not go on: half a list must not look like a whole one */
function nextPlace({text}: OpenedBucket, answer: ListObjectVersionsCommandOutput, before: Place | undefined): Place | undefined {
  if (answer.IsTruncated !== true) return undefined
  const {NextKeyMarker: key = '', NextVersionIdMarker: version} = answer
  const place = {KeyMarker: decodeKey(key), ...(version !== undefined && version !== '' && {VersionIdMarker: version})}
  if (key === '' || (place.KeyMarker === before?.KeyMarker && place.VersionIdMarker === before.VersionIdMarker))
    throw new AppError('store.unreachable', `the version list of ${text} breaks off at ${JSON.stringify(place.KeyMarker)}`)
  return place
}

function described({address}: OpenedBucket, one: ListedVersion | DeleteMarkerEntry, kind: ObjectVersion['kind']): ObjectVersion {
  return {
    key: listedKey(address, one.Key),
    ...(one.VersionId !== undefined && {version: one.VersionId}),
    kind,
    latest: one.IsLatest === true,
    size: 'Size' in one ? (one.Size ?? 0) : 0,
    lastModified: modified(one.LastModified),
  }
}

function inOrder(a: ObjectVersion, b: ObjectVersion): number {
  return compare(a.key, b.key) || Number(b.latest) - Number(a.latest) || compare(b.lastModified, a.lastModified)
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
