/**
 * The policy of the bucket: what must never happen in it, whoever asks and whatever IAM allows them.
 *
 * It allows nothing. Who is excepted is named by role: with nobody named, nobody is excepted, and only the account's root
 * can mend the policy. A condition on a key that a request lacks denies.
 */
import {BLOBS, LOG, RECORDS} from '../evidence/key.ts'
import type {S3Address} from '../evidence/store-address.ts'
import {bucketArn, keyArn, policyDocument, type Condition, type PolicyDocument, type Statement} from './policy-document.ts'
import {holdersOf, streamWriters, type Principals} from './principals.ts'
import {furthestDays} from './retention.ts'

export interface BucketPolicyRequest {
  readonly store: S3Address
  readonly principals: Principals
  /** How long the bucket keeps a new version. */
  readonly years: number
}

export function bucketPolicy({store, principals, years}: BucketPolicyRequest): PolicyDocument {
  const bucket = [bucketArn(store)]
  const objects = [keyArn(store, '*')]
  const days = 's3:object-lock-remaining-retention-days'
  return policyDocument([
    deny('NothingIsRemoved', ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'], objects),
    deny(
      'SettingsStay',
      ['s3:PutLifecycleConfiguration', 's3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning', 's3:PutEncryptionConfiguration'],
      bucket,
    ),
    deny('PolicyStays', ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'], bucket, unless(holdersOf(principals, 'break-glass'))),
    deny('LocksAreExtendedByFew', ['s3:PutObjectRetention'], objects, unless(holdersOf(principals, 'extender'))),
    deny('LocksAreStrict', ['s3:PutObjectRetention'], objects, {StringNotEquals: {'s3:object-lock-mode': 'COMPLIANCE'}}),
    deny('LocksEndInTheFuture', ['s3:PutObjectRetention'], objects, {NumericLessThan: {[days]: '1'}}),
    deny('LocksEndOneDay', ['s3:PutObjectRetention'], objects, {NumericGreaterThan: {[days]: String(furthestDays(years))}}),
    deny('HoldsAreSetByFew', ['s3:PutObjectLegalHold'], objects, unless(holdersOf(principals, 'hold-keeper'))),
    deny('NothingIsRewritten', ['s3:UpdateObjectEncryption', 's3:PutObjectAnnotation', 's3:PutObjectVersionAnnotation'], objects),
    deny('NothingIsReplicatedInto', ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], objects),
    // Parts of a multipart upload cannot carry the header; the request that completes it must.
    deny('WrittenOnce', ['s3:PutObject'], objects, {Null: {'s3:if-none-match': 'true'}, Bool: {'s3:ObjectCreationOperation': 'true'}}),
    ...encryption(objects),
    ...streams(store, principals),
    deny('OnlyOverTls', ['s3:*'], [...bucket, ...objects], {Bool: {'aws:SecureTransport': 'false'}}),
  ])
}

/** A key that can be deleted would delete what it encrypts, lock or no lock. */
function encryption(objects: readonly string[]): Statement[] {
  return [
    deny('NoKeyThatCanBeDeleted', ['s3:PutObject'], objects, {StringNotEqualsIfExists: {'s3:x-amz-server-side-encryption': 'AES256'}}),
    deny('NoKeyOfTheWriter', ['s3:PutObject'], objects, {Null: {'s3:x-amz-server-side-encryption-customer-algorithm': 'false'}}),
  ]
}

/** A stream that nobody is named for is left to the roles' own policies; so are blobs, until every stream has its writer. */
function streams(store: S3Address, principals: Principals): Statement[] {
  const sealers = holdersOf(principals, 'sealer')
  const writers = [...streamWriters(principals)]
  const named = writers.filter(([, arns]) => arns.length > 0)
  const groups = [...Map.groupBy(named, ([, arns]) => arns.join(' ')).values()]
  const all = [...new Set(named.flatMap(([, arns]) => arns))].toSorted()
  return [
    ...groups.map((group, index) =>
      deny(
        `StreamsHaveTheirWriters${index + 1}`,
        ['s3:PutObject'],
        group.map(([stream]) => keyArn(store, `${RECORDS}${stream}/*`)),
        unless(group[0]?.[1] ?? []),
      ),
    ),
    ...(named.length === writers.length ? [deny('BlobsHaveTheirWriters', ['s3:PutObject'], [keyArn(store, `${BLOBS}*`)], unless(all))] : []),
    ...(sealers.length > 0 ? [deny('TheLogHasItsSealers', ['s3:PutObject'], [keyArn(store, `${LOG}*`)], unless(sealers))] : []),
  ]
}

function unless(arns: readonly string[]): Condition | undefined {
  return arns.length === 0 ? undefined : {ArnNotLike: {'aws:PrincipalArn': arns}}
}

function deny(sid: string, actions: readonly string[], resources: readonly string[], condition?: Condition): Statement {
  return {Sid: sid, Effect: 'Deny', Principal: '*', Action: actions, Resource: resources, ...(condition !== undefined && {Condition: condition})}
}
