/**
 * Every version in the store with what protects it: records first, so that a blob is known by all that name it.
 *
 * What is gone between the list and the look is told apart: a lock would have kept it, or the store does not answer truly.
 */
import {AppError} from '../../errors.ts'
import {BLOBS, LOG, parseBlobKey, RECORDS} from '../../evidence/key.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore, ObjectLock, ObjectVersion, StoreControls} from '../../ports/evidence-store.ts'
import {later} from './lock-ends.ts'
import {namedBlobs} from './named-blobs.ts'
import {versionGroups, type VersionGroup} from './version-groups.ts'
import {workAhead} from './work-ahead.ts'

export type Family = 'record' | 'blob' | 'log'

export interface LockedVersion {
  readonly version: ObjectVersion
  /** Undefined where it was not looked at. */
  readonly lock?: ObjectLock
}

export interface SurveyedKey extends Omit<VersionGroup, 'objects'> {
  readonly family: Family
  /** The newest first. */
  readonly objects: readonly LockedVersion[]
  /** Of a blob: the latest end among the records that name it; undefined where none does. */
  readonly owed?: string
  /** Listed, and not there any more when it was looked at. */
  readonly gone: readonly ObjectVersion[]
  /** What kept a version of a record from telling its blobs. */
  readonly fault?: AppError
  /** That of the version that was there first, which is the record: nothing knows which blobs it names. */
  readonly ownFault?: AppError
}

export interface SurveyOptions {
  /** When a record ends, for the blobs that it names. */
  readonly endOf: (lock: ObjectLock, record: ObjectVersion) => string | undefined
  /** False: its lock is not read. */
  readonly isLookedAt?: (key: string) => boolean
}

const AT_ONCE = 16
const TOLD_EVERY = 10_000
const FAMILIES = [
  ['record', RECORDS],
  ['blob', BLOBS],
  ['log', LOG],
] as const

/** @throws AppError `store.*` */
export async function* surveyLocks(
  store: EvidenceStore,
  controls: StoreControls,
  {progress}: Pick<Context, 'progress'>,
  {endOf, isLookedAt = () => true}: SurveyOptions,
): AsyncGenerator<SurveyedKey> {
  progress.step(`Reading the log of ${store.address}`)
  const named = await namedBlobs(store)
  if (named.fault !== undefined) progress.note(`the log is not used, records are read instead: ${named.fault.message}`)
  const owed = new Map<string, string>()

  const look = async (group: VersionGroup): Promise<LockedVersion[]> => {
    if (!isLookedAt(group.key)) return group.objects.map((version) => ({version}))
    const locks = await Promise.all(group.objects.map(async (version) => ({version, lock: await controls.lockOf(version.key, version.version)})))
    return locks.flatMap(({version, lock}) => (lock === undefined ? [] : [{version, lock}]))
  }
  /** @returns why it cannot tell */
  const tellBlobs = async ({version, lock}: LockedVersion): Promise<AppError | undefined> => {
    const end = lock === undefined ? undefined : endOf(lock, version)
    if (end === undefined) return undefined
    try {
      for (const sha256 of await named.of(version)) owed.set(sha256, later(owed.get(sha256), end))
      return undefined
    } catch (error) {
      if (error instanceof AppError && error.code.startsWith('record.')) return error
      throw error
    }
  }
  const survey =
    (family: Family) =>
    async (group: VersionGroup): Promise<SurveyedKey> => {
      const {key, markers} = group
      const objects = await look(group)
      const gone = group.objects.filter((version) => !objects.some((one) => one.version === version))
      const found = {key, markers, family, objects, gone}
      if (family === 'blob') return {...found, ...owedBy(owed.get(parseBlobKey(key) ?? ''))}
      if (family === 'log') return found
      // What lies beside a version that cannot be read must not go without its blobs.
      const faults = await Promise.all(objects.map(tellBlobs))
      const [fault, ownFault] = [faults.find((one) => one !== undefined), faults.at(-1)]
      return {...found, ...(fault !== undefined && {fault}), ...(ownFault !== undefined && {ownFault})}
    }
  for (const [family, prefix] of FAMILIES) {
    progress.step(`Reading the locks below ${prefix}`)
    let count = 0
    for await (const one of workAhead(versionGroups(store.versions(prefix)), AT_ONCE, survey(family))) {
      count += 1
      if (count % TOLD_EVERY === 0) progress.note(`${count} below ${prefix}`)
      yield one
    }
  }
}

function owedBy(end: string | undefined): {readonly owed?: string} {
  return end === undefined ? {} : {owed: end}
}
