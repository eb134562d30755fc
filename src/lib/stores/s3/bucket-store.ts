/**
 * Records and blobs in a bucket.
 *
 * A put is one PutObject that fails where the key is taken, with the SHA-256 of its bytes: S3 refuses what arrives
 * otherwise, and asks for a checksum where the bucket locks. It sends no lock: the bucket's default retention gives it,
 * and a role that may write needs no other right. The key names the digest, so a key that is taken is success, unread.
 */
import {createHash} from 'node:crypto'
import {GetObjectCommand, PutObjectCommand} from '@aws-sdk/client-s3'
import type {EvidenceStore, StoredVersion} from '../../ports/evidence-store.ts'
import {BrokenAnswer, type RequestOptions} from './ask-bucket.ts'
import {errorName, notABucket, statusOf} from './failure.ts'
import {listKeys} from './list-keys.ts'
import {listVersions} from './list-versions.ts'
import {modified} from './modified.ts'
import {objectLock} from './object-lock.ts'
import type {OpenedBucket} from './opened-bucket.ts'

/** There is nothing to give: no such key or version, a delete marker, or what cannot be a version of this bucket. */
const ABSENT = new Set(['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed', 'NotFound'])

export function bucketStore(bucket: OpenedBucket): EvidenceStore {
  const {ask, text} = bucket
  return {
    address: text,
    put: async (key, bytes) => ask({doing: `write ${key}`, right: 's3:PutObject'}, async (options) => putOnce(bucket, key, bytes, options), bytes.length),
    get: async (key) => (await read(bucket, key))?.bytes,
    list: (prefix) => listKeys(bucket, prefix),
    versions: (prefix, after) => listVersions(bucket, prefix, after),
    read: async (key, version) => read(bucket, key, version),
  }
}

async function putOnce({client, address, text}: OpenedBucket, key: string, bytes: Uint8Array, options: RequestOptions): Promise<'written' | 'present'> {
  try {
    const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64')
    const {ETag: tag} = await client.send(
      new PutObjectCommand({Bucket: address.bucket, Key: address.prefix + key, Body: bytes, IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256', ChecksumSHA256}),
      options,
    )
    if (tag === undefined) throw notABucket(text)
    return 'written'
  } catch (error) {
    // Also where an earlier try had landed, and only its answer was lost.
    if (statusOf(error) === 412) return 'present'
    throw error
  }
}

async function read({ask, client, address, text}: OpenedBucket, key: string, version?: string): Promise<StoredVersion | undefined> {
  const right = version === undefined ? 's3:GetObject and s3:ListBucket' : 's3:GetObjectVersion and s3:ListBucketVersions'
  return ask({doing: `read ${key}`, right}, async (options) => {
    try {
      const answer = await client.send(
        new GetObjectCommand({Bucket: address.bucket, Key: address.prefix + key, ...(version !== undefined && {VersionId: version})}),
        options,
      )
      if (answer.LastModified === undefined) throw notABucket(text)
      const lock = objectLock(answer)
      const own = answer.VersionId ?? version
      return {
        bytes: await bytesOf(answer.Body),
        ...(own !== undefined && {version: own}),
        lastModified: modified(answer.LastModified),
        ...(lock !== undefined && {lock}),
      }
    } catch (error) {
      if (isAbsent(error, version)) return undefined
      throw error
    }
  })
}

async function bytesOf(body: {transformToByteArray(): Promise<Uint8Array>} | undefined): Promise<Uint8Array> {
  try {
    return (await body?.transformToByteArray()) ?? new Uint8Array()
  } catch (cause) {
    throw new BrokenAnswer('the answer broke off', {cause})
  }
}

function isAbsent(error: unknown, version: string | undefined): boolean {
  const name = errorName(error)
  // A bucket is asked for a version in its own spelling only; what a record names may be anything.
  return ABSENT.has(name) || (version !== undefined && (name === 'InvalidArgument' || statusOf(error) === 405))
}
