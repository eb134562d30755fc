/**
 * What may be asked and changed of a bucket in memory, beside its objects.
 *
 * Promise: as Object Lock does, a strict lock is only made longer and never lifted, whatever is asked; a change that is
 * refused changes nothing. `asked` holds every call that would change something. `refuse` stands for a role without the
 * rights.
 */
import {AppError} from '../../src/lib/errors.ts'
import type {ObjectLock, StoreControls, StoreSettings} from '../../src/lib/ports/evidence-store.ts'
import type {MemoryVersion, VersionedMemoryStore} from './memory-store.ts'

export const GOOD_BUCKET: StoreSettings = {
  versioning: 'enabled',
  objectLock: 'enabled',
  defaultRetention: {mode: 'COMPLIANCE', days: 2555},
  lifecycle: 'none',
  refused: [],
}

export interface FakeControls extends StoreControls {
  readonly asked: string[]
}

export interface FakeControlsOptions {
  readonly settings?: Partial<StoreSettings>
  readonly refuse?: readonly ('lockOf' | 'extend' | 'setHold')[]
}

export function fakeControls(store: VersionedMemoryStore, {settings = {}, refuse = []}: FakeControlsOptions = {}): FakeControls {
  const asked: string[] = []
  const checkRight = (call: 'lockOf' | 'extend' | 'setHold') => {
    if (refuse.includes(call)) throw new AppError('store.refused', `${store.address} refuses ${call} to this role`)
  }
  const versionOf = (key: string, version: string | undefined) => (store.kept.get(key) ?? []).find((one) => one.version === version && one.kind === 'object')
  const change = (key: string, version: string, edit: (lock: ObjectLock) => ObjectLock) => {
    const old = versionOf(key, version)
    if (old === undefined) throw new AppError('store.refused', `there is no version ${version} of ${key}`)
    const changed: MemoryVersion = {...old, lock: edit(old.lock ?? {})}
    store.kept.set(
      key,
      (store.kept.get(key) ?? []).map((one) => (one === old ? changed : one)),
    )
  }
  return {
    asked,
    settings: async () => ({...GOOD_BUCKET, ...settings}),
    async lockOf(key, version) {
      checkRight('lockOf')
      const found = versionOf(key, version)
      return found === undefined ? undefined : (found.lock ?? {})
    },
    async extend(key, version, until) {
      checkRight('extend')
      asked.push(`extend ${key} ${until}`)
      change(key, version, (lock) => {
        if (lock.until !== undefined && until < lock.until) throw new AppError('store.refused', `the lock of ${key} is not made shorter`)
        return {...lock, mode: 'COMPLIANCE', until}
      })
    },
    async setHold(key, version, hold) {
      checkRight('setHold')
      asked.push(`hold ${key} ${hold}`)
      change(key, version, ({mode, until}) => ({...(mode !== undefined && {mode}), ...(until !== undefined && {until}), ...(hold && {hold: true})}))
    },
  }
}
