/**
 * What an admission server does with its log, without the server: begins a run of this boot, records, ships meanwhile, ends.
 * `{folder, store, count, seed}`: `store` is an address. Prints `<id>` for each record that was acknowledged. With `count` 0
 * it only ships what is there, and ends. It may be killed at any moment. All names are invented.
 */
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {beginServerRun} from '../../src/lib/actions/admission/begin-server-run.ts'
import {shipLog, shipWaiting} from '../../src/lib/actions/admission/ship-log.ts'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {memoryRun} from '../../src/lib/actions/evidence/memory-run.ts'
import {newRunState} from '../../src/lib/evidence/run-state.ts'
import {openAdmissionLog} from '../../src/lib/admission-log/open-log.ts'
import type {RunPosition} from '../../src/lib/ports/evidence-store.ts'
import {recorderParts} from '../fakes/recorder-parts.ts'
import {testRecord} from '../fakes/spool-world.ts'
import {openStore} from '../open-store.ts'

export interface LogServerRequest {
  readonly folder: string
  readonly store: string
  readonly count: number
  readonly seed: string
}

const {folder, store: address, count, seed} = JSON.parse(process.argv[2] ?? '') as LogServerRequest
const store = await openStore(address)
const parts = recorderParts({store})
const job = 'admission/test/replica-0'
const log = await openAdmissionLog(folder, {bytes: 256 * 1024 * 1024, age: 3_600_000}, {segmentBytes: 30_000})
const stop = new AbortController()
const shipping = {
  log,
  store,
  job,
  now: parts.now,
  newId: parts.newId,
  recorderAt: async (position: RunPosition) => createRecorder({...parts, position}),
  told: () => undefined,
  damaged: () => undefined,
  shipped: () => undefined,
}
const pause = async (_: number, signal: AbortSignal) => sleep(5, undefined, {signal}).catch(() => undefined)
const ships = shipLog(shipping, {stop: stop.signal, pause})
const run = await beginServerRun(
  log,
  {job},
  {
    newId: parts.newId,
    recorder: async (position, into) =>
      createRecorder({...parts, store: into ?? store, position: position ?? memoryRun(newRunState({runid: parts.newId(), job, seq: 0}))}),
  },
)
for (let from = 0; from < count; from += 4) {
  const names = Array.from({length: 4}, (_, index) => `${seed} ${from + index}`)
  // oxlint-disable-next-line no-await-in-loop -- one group after another
  const written = await Promise.all(names.map(async (name) => run.recorder.write(testRecord(name))))
  process.stdout.write(written.map(({id}) => `${id}\n`).join(''))
}
await run.end()
stop.abort()
await ships
const fault = await shipWaiting(shipping)
await log.close()
if (fault !== undefined) {
  process.stderr.write(`${fault.code} ${fault.message}\n`)
  process.exitCode = 4
}
