/**
 * Writes so many records through the real recorder, and prints one dot for each that was acknowledged:
 * `{store, run?, count, atOnce?, seed}`; the store by its address, or the path of a folder. All names are invented.
 */
import process from 'node:process'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {openRunFile} from '../../src/lib/stores/run-file.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import type {RecordInput} from '../../src/lib/ports/evidence-store.ts'
import {recorderParts} from '../fakes/recorder-parts.ts'
import {openStore} from '../open-store.ts'

const {store, run, count, atOnce = 1, seed} = JSON.parse(process.argv[2] ?? '') as {store: string; run?: string; count: number; atOnce?: number; seed: string}
const parts = recorderParts({store: await openStore(store)})
const recorder = createRecorder({...parts, position: run === undefined ? implicitRun(parts.newId(), 'main') : openRunFile(run)})
for (let from = 0; from < count; from += atOnce) {
  const inputs = Array.from({length: Math.min(atOnce, count - from)}, (_, index): RecordInput<'test'> => ({
    stream: 'test',
    outcome: 'pass',
    detail: {name: `${seed} ${from + index}`, passed: 1, failed: 0, skipped: 0},
    blobs: [{name: 'log.txt', mediaType: 'text/plain', bytes: Buffer.from(`log of ${seed} ${from + index}`)}],
  }))
  // oxlint-disable-next-line no-await-in-loop -- one batch after another
  process.stdout.write('.'.repeat((await recorder.writeAll(inputs)).length))
}
