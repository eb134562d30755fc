/** What an answer says about the lock of a version: nothing, where this role may not see it. */
import type {ObjectLock} from '../../ports/evidence-store.ts'

export interface LockMembers {
  readonly ObjectLockMode?: string | undefined
  readonly ObjectLockRetainUntilDate?: Date | undefined
  readonly ObjectLockLegalHoldStatus?: string | undefined
}

export function objectLock({ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold}: LockMembers): ObjectLock | undefined {
  const lock: ObjectLock = {
    ...((mode === 'COMPLIANCE' || mode === 'GOVERNANCE') && {mode}),
    ...(until !== undefined && {until: until.toISOString()}),
    ...(hold === 'ON' && {hold: true}),
  }
  return Object.keys(lock).length === 0 ? undefined : lock
}
