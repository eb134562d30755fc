/** IAM policies as JSON, and the resources in them. */
import type {S3Address} from '../evidence/store-address.ts'

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  /** Only in a policy of a bucket. */
  readonly Principal?: '*'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Condition
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

export function policyDocument(statements: readonly Statement[]): PolicyDocument {
  return {Version: '2012-10-17', Statement: statements}
}

/** `arn:aws:s3:::bucket`; China and GovCloud have names of their own. */
export function bucketArn({bucket, region = ''}: S3Address): string {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  return `arn:${partition}:s3:::${bucket}`
}

/** @param pattern a key of the store, with `*` */
export function keyArn(address: S3Address, pattern: string): string {
  return `${bucketArn(address)}/${address.prefix}${pattern}`
}
