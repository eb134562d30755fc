/** What of a bucket's settings would let evidence be changed, hidden or removed. Pure; what could not be seen is told apart. */
import type {StoreSettings} from '../ports/evidence-store.ts'
import {KEPT_DAYS} from './retention.ts'

export interface BucketJudgement {
  /** A sentence each. */
  readonly faults: readonly string[]
  /** What could not be looked at, and the right that it takes. */
  readonly unseen: readonly {readonly what: string; readonly right: string}[]
}

const RIGHTS: Readonly<Record<string, string>> = {
  versioning: 's3:GetBucketVersioning',
  'object-lock': 's3:GetBucketObjectLockConfiguration',
  policy: 's3:GetBucketPolicy',
  lifecycle: 's3:GetLifecycleConfiguration',
}

export function judgeBucket(settings: StoreSettings): BucketJudgement {
  const {versioning, objectLock, defaultRetention, lifecycle, refused} = settings
  const faults = [
    ...(versioning === 'off' || versioning === 'suspended' ? [`versioning is ${versioning}: a second write would replace the first`] : []),
    ...(objectLock === 'off' ? ['Object Lock is off: every version can be deleted'] : []),
    ...(objectLock === 'enabled' ? retentionFaults(defaultRetention) : []),
    ...(lifecycle === 'expires' ? ['a lifecycle rule expires objects: it would hide evidence behind delete markers'] : []),
  ]
  const unseen = new Set(refused)
  if (versioning === 'unknown') unseen.add('versioning')
  if (objectLock === 'unknown') unseen.add('object-lock')
  return {faults, unseen: [...unseen].map((what) => ({what, right: RIGHTS[what] ?? what}))}
}

function retentionFaults(retention: StoreSettings['defaultRetention']): string[] {
  if (retention === undefined) return ['there is no default retention: what is written is not locked']
  const {mode, days} = retention
  return [
    ...(mode === 'COMPLIANCE' ? [] : [`the default retention is ${mode}: who may bypass it can remove what it locks`]),
    ...(days >= KEPT_DAYS ? [] : [`the default retention is ${days} days: seven years are ${KEPT_DAYS}`]),
  ]
}
