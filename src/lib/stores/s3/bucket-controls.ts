/** What may be asked and changed of a bucket beside its objects. Each question needs a right of its own; one that is refused is named, and the others are answered. */
import {
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  type DefaultRetention,
} from '@aws-sdk/client-s3'
import {AppError} from '../../errors.ts'
import type {StoreControls, StoreSettings} from '../../ports/evidence-store.ts'
import type {RequestOptions} from './ask-bucket.ts'
import {errorName, statusOf} from './failure.ts'
import {lifecycleOf} from './lifecycle.ts'
import {objectLock} from './object-lock.ts'
import type {OpenedBucket} from './opened-bucket.ts'

/** There is no retention to give: of this version, or in a bucket without Object Lock. */
const UNLOCKED = ['NoSuchObjectLockConfiguration', 'InvalidRequest']
/** Days of a year of S3's, at least. */
const DAYS = 365

export function bucketControls(bucket: OpenedBucket): StoreControls {
  const {ask, client, address} = bucket
  const place = (key: string) => ({Bucket: address.bucket, Key: address.prefix + key})
  return {
    settings: async () => settings(bucket),
    async lockOf(key, version) {
      return ask({doing: `look at ${key}`, right: 's3:GetObjectVersion, s3:GetObjectRetention and s3:GetObjectLegalHold'}, async (options) => {
        const at = {...place(key), ...(version !== undefined && {VersionId: version})}
        try {
          const lock = objectLock(await client.send(new HeadObjectCommand(at), options)) ?? {}
          // It is left out also where this role may not see it.
          if (lock.mode === undefined) await orUndefined(UNLOCKED, async () => client.send(new GetObjectRetentionCommand(at), options))
          return lock
        } catch (error) {
          // An answer to HEAD has no body, and so no name.
          if ([404, 405].includes(statusOf(error) ?? 0)) return undefined
          throw error
        }
      })
    },
    async extend(key, version, until) {
      await ask({doing: `extend the lock of ${key} to ${until}`, right: 's3:PutObjectRetention'}, async (options) =>
        client.send(
          new PutObjectRetentionCommand({...place(key), VersionId: version, Retention: {Mode: 'COMPLIANCE', RetainUntilDate: new Date(until)}}),
          options,
        ),
      )
    },
    async setHold(key, version, hold) {
      await ask({doing: `${hold ? 'put a hold on' : 'lift the hold of'} ${key}`, right: 's3:PutObjectLegalHold'}, async (options) =>
        client.send(new PutObjectLegalHoldCommand({...place(key), VersionId: version, LegalHold: {Status: hold ? 'ON' : 'OFF'}}), options),
      )
    },
  }
}

async function settings({ask, client, address}: OpenedBucket): Promise<StoreSettings> {
  const refused: string[] = []
  const at = {Bucket: address.bucket}
  const asked = async <T, U>(name: string, right: string, otherwise: U, work: (options: RequestOptions) => Promise<T>): Promise<T | U> => {
    try {
      return await ask({doing: `see its ${name}`, right}, work)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'store.refused' || !isRefusal(error.cause)) throw error
      refused.push(name)
      return otherwise
    }
  }
  const versioning = await asked('versioning', 's3:GetBucketVersioning', 'unknown' as const, async (options) => {
    const {Status: status} = await client.send(new GetBucketVersioningCommand(at), options)
    return status === 'Enabled' ? ('enabled' as const) : status === 'Suspended' ? ('suspended' as const) : ('off' as const)
  })
  const lock = await asked('object-lock', 's3:GetBucketObjectLockConfiguration', 'unknown' as const, async (options) =>
    orUndefined(
      ['ObjectLockConfigurationNotFoundError'],
      async () => (await client.send(new GetObjectLockConfigurationCommand(at), options)).ObjectLockConfiguration,
    ),
  )
  const policy = await asked('policy', 's3:GetBucketPolicy', undefined, async (options) =>
    orUndefined(['NoSuchBucketPolicy'], async () => (await client.send(new GetBucketPolicyCommand(at), options)).Policy),
  )
  const lifecycle = await asked('lifecycle', 's3:GetLifecycleConfiguration', undefined, async (options) => lifecycleOf(client, address.bucket, options))
  const retention = lock === 'unknown' ? undefined : defaultRetention(lock?.Rule?.DefaultRetention)
  return {
    versioning,
    objectLock: lock === 'unknown' ? lock : lock?.ObjectLockEnabled === 'Enabled' ? 'enabled' : 'off',
    ...(retention !== undefined && {defaultRetention: retention}),
    ...(policy !== undefined && {policy}),
    ...(lifecycle !== undefined && {lifecycle}),
    refused,
  }
}

/** This question, and not the credentials: those are wrong for every question. */
function isRefusal(cause: unknown): boolean {
  return ['AccessDenied', 'NotImplemented', 'MethodNotAllowed'].includes(errorName(cause))
}

async function orUndefined<T>(names: readonly string[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (names.includes(errorName(error))) return undefined
    throw error
  }
}

function defaultRetention({Mode: mode, Days: days, Years: years}: DefaultRetention = {}): StoreSettings['defaultRetention'] {
  // S3 names one of the two; other servers name the other as 0.
  const term = (days ?? 0) + (years ?? 0) * DAYS
  return (mode === 'COMPLIANCE' || mode === 'GOVERNANCE') && term > 0 ? {mode, days: term} : undefined
}
