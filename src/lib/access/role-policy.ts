/** What a role is allowed, as the text of its IAM policy. */
import {BLOBS, RECORDS} from '../evidence/key.ts'
import type {S3Address} from '../evidence/store-address.ts'
import {bucketArn, keyArn, policyDocument, type Condition, type PolicyDocument, type Statement} from './policy-document.ts'
import {furthestDays} from './retention.ts'
import {ROLES, type Right, type RoleName} from './roles.ts'

export interface StorePlaces {
  readonly store: S3Address
  /** Buckets that checkpoints are copied to. */
  readonly copies: readonly S3Address[]
  /** How long the bucket keeps a new version. */
  readonly years: number
}

/** A writing role puts records of its streams and blobs, and nothing else. */
export function rolePolicy(role: RoleName, places: StorePlaces): PolicyDocument {
  const {writes, rights} = ROLES[role]
  const keys = [...writes.map((stream) => `${RECORDS}${stream}/*`), ...(writes.length > 0 ? [`${BLOBS}*`] : [])]
  const records = allow(
    'WriteRecords',
    ['s3:PutObject'],
    keys.map((key) => keyArn(places.store, key)),
  )
  return policyDocument([records, ...rights.map((right) => granted(right, places))].filter(({Resource}) => Resource.length > 0))
}

function granted(right: Right, places: StorePlaces): Statement {
  return allow(right.sid, right.actions, resourcesOf(right.on, places), conditionOf(right, places))
}

function resourcesOf(on: Right['on'], {store, copies}: StorePlaces): string[] {
  if (on === 'bucket') return [bucketArn(store)]
  if (on === 'copies') return copies.map((copy) => keyArn(copy, 'log/*'))
  return on.map((pattern) => keyArn(store, pattern))
}

function conditionOf({only}: Right, {store, years}: StorePlaces): Condition | undefined {
  if (only === 'extends')
    return {
      StringEquals: {'s3:object-lock-mode': 'COMPLIANCE'},
      NumericGreaterThan: {'s3:object-lock-remaining-retention-days': '0'},
      NumericLessThanEquals: {'s3:object-lock-remaining-retention-days': String(furthestDays(years))},
    }
  return only === 'list' && store.prefix !== '' ? {StringLike: {'s3:prefix': [`${store.prefix}*`]}} : undefined
}

function allow(sid: string, actions: readonly string[], resources: readonly string[], condition?: Condition): Statement {
  return {Sid: sid, Effect: 'Allow', Action: actions, Resource: resources, ...(condition !== undefined && {Condition: condition})}
}
