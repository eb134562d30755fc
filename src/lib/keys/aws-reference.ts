/** `awskms://[ENDPOINT]/KEY`, as Cosign reads it: KEY is an id, an alias or the ARN of either. */
import {AppError} from '../errors.ts'

export interface AwsReference {
  /** Always https. */
  readonly endpoint?: string
  readonly keyId: string
  /** Of an ARN. */
  readonly region?: string
}

const ID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i
const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/
// Cosign knows these two partitions only.
const ARN = /^arn:(?:aws|aws-us-gov):kms:(?<region>[a-z0-9-]+):\d{12}:(?:key\/(?<id>[^/]+)|(?<alias>alias\/.+))$/

/** @throws AppError `key.missing` */
export function parseAwsReference(uri: string): AwsReference {
  const [, host = '', keyId = ''] = /^awskms:\/\/([^/\s@]*)\/(\S+)$/.exec(uri) ?? []
  const {region, id, alias} = ARN.exec(keyId)?.groups ?? {}
  const isKey = ID.test(id ?? keyId) || ALIAS.test(alias ?? keyId)
  if (!isKey)
    throw new AppError('key.missing', `${uri} names no key of AWS KMS`, {
      fix: 'Write awskms:///alias/NAME, awskms:///arn:aws:kms:REGION:ACCOUNT:key/ID or awskms:///ID.',
    })
  return {keyId, ...(host !== '' && {endpoint: `https://${host}`}), ...(region !== undefined && {region})}
}
