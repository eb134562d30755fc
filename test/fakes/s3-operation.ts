/** Which operation of S3 a request is (path-style addresses), by its method, its query and the headers that make another one of it. */
import type {IncomingHttpHeaders} from 'node:http'

export type S3Operation =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'ListObjectsV2'
  | 'ListObjectVersions'
  | 'GetBucketVersioning'
  | 'GetObjectLockConfiguration'
  | 'GetBucketPolicy'
  | 'PutObjectRetention'
  | 'PutObjectLegalHold'
  | 'other'

/** Without a key in the path. */
const OF_BUCKET: Readonly<Record<string, S3Operation>> = {
  'GET list-type': 'ListObjectsV2',
  'GET versions': 'ListObjectVersions',
  'GET versioning': 'GetBucketVersioning',
  'GET object-lock': 'GetObjectLockConfiguration',
  'GET policy': 'GetBucketPolicy',
}

const OF_OBJECT: Readonly<Record<string, S3Operation>> = {
  'PUT ': 'PutObject',
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
  'PUT retention': 'PutObjectRetention',
  'PUT legal-hold': 'PutObjectLegalHold',
}

/** Say what is put, not how. */
const PARAMETERS = new Set(['x-id', 'versionId', 'prefix', 'max-keys', 'encoding-type', 'continuation-token', 'key-marker', 'version-id-marker'])
/** Each needs a right of its own. */
const MORE = /^x-amz-(?:object-lock-|tagging|acl|grant-|copy-source)/

export function s3Operation(method: string, path: string, headers: IncomingHttpHeaders): S3Operation {
  const {pathname, searchParams} = new URL(path, 'http://bucket')
  if (method === 'PUT' && Object.keys(headers).some((name) => MORE.test(name))) return 'other'
  const [resource = '', ...more] = [...searchParams.keys()].filter((name) => !PARAMETERS.has(name))
  const isObject = /^\/[^/]+\/./.test(pathname)
  return more.length > 0 ? 'other' : ((isObject ? OF_OBJECT : OF_BUCKET)[`${method} ${resource}`] ?? 'other')
}
