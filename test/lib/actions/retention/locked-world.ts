/**
 * A bucket in memory that locks what it takes for seven years, and a context over it with the real recorder.
 *
 * Promise: the bucket's clock stands where the test puts it (`at`); that of the command stands at 2026-03-02, as in all
 * quiet contexts.
 */
import {tmpdir} from 'node:os'
import {noRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import type {ObjectLock, StoreSettings} from '../../../../src/lib/ports/evidence-store.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {versionedMemoryStore} from '../../../fakes/memory-store.ts'
import {runContext} from '../../../fakes/run-context.ts'
import {fakeControls, type FakeControlsOptions} from '../../../fakes/store-controls.ts'

const DAY = 86_400_000
export const NOW = '2026-03-02T08:00:00.000Z'

export const days = (count: number, from = NOW) => new Date(Date.parse(from) + count * DAY).toISOString()
const strict = (now: Date): ObjectLock => ({mode: 'COMPLIANCE', until: days(2557, now.toISOString())})

export interface WorldOptions {
  readonly settings?: Partial<StoreSettings>
  readonly refuse?: FakeControlsOptions['refuse']
}

export function lockedWorld({settings = {}, refuse = []}: WorldOptions = {}) {
  let clock = NOW
  let lock = strict
  const store = versionedMemoryStore({now: () => new Date(clock), lock: (now) => lock(now)})
  const controls = fakeControls(store, {settings, refuse})
  const config = {...Config.parse({version: 1, system: 'patient-api', store: store.address}), root: '/project'}
  return {
    store,
    controls,
    writer: new EvidenceWriter(store),
    context: (record = true) =>
      runContext({
        folder: tmpdir(),
        store,
        parts: {config, storeControls: async () => controls, ...(!record && {recorder: async () => noRecorder})},
      }),
    /** What is put from now on comes at `time`, and is locked so. */
    at(time: string, locked: (now: Date) => ObjectLock = strict) {
      clock = time
      lock = locked
    },
    /** Locks of a key, the newest version first. */
    locksOf: (key: string) => (store.kept.get(key) ?? []).map((version) => version.lock),
  }
}
