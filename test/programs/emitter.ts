/**
 * One job of a run, as a process of its own: writes so many records through the real recorder, and prints a line
 * `<id> <digest of the record> <key of the record>` for each that was acknowledged, by the store or by the spool.
 * `{store, run?, spool?, each?, count, atOnce?, seed}`: `store` is an address (`folder:PATH`, `s3://…`; credentials come from
 * the environment), `run` the path of the job's own run file (none: an implicit run), `spool` a folder. Each record has a
 * blob of its own. It may be killed at any moment; what it printed must be found. Exit 4: the store could not be reached,
 * and its words stand on stderr. With `measured` it says `ready`, begins when its stdin ends, and prints a fourth column:
 * how many milliseconds its batch waited for the store. All names are invented.
 */
import process from 'node:process'
import {text} from 'node:stream/consumers'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {AppError} from '../../src/lib/errors.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {openRunFile} from '../../src/lib/stores/run-file.ts'
import {recorderParts} from '../fakes/recorder-parts.ts'
import {storeOf, type StoreRequest} from '../fakes/store-of.ts'
import {testRecord} from '../fakes/spool-world.ts'

export interface EmitterRequest extends StoreRequest {
  readonly run?: string
  readonly count: number
  readonly atOnce?: number
  readonly seed: string
  readonly measured?: boolean
}

const request = JSON.parse(process.argv[2] ?? '') as EmitterRequest
try {
  await emit(request)
} catch (error) {
  if (!(error instanceof AppError)) throw error
  process.stderr.write(`${error.code} ${error.message}\n`)
  process.exitCode = error.exitCode
}

async function emit({run, count, atOnce = 1, seed, measured = false, ...place}: EmitterRequest): Promise<void> {
  const parts = recorderParts({store: await storeOf(place)})
  const position = run === undefined ? implicitRun(parts.newId(), 'main') : openRunFile(run)
  const recorder = createRecorder({...parts, position})
  if (measured) {
    process.stdout.write('ready\n')
    await text(process.stdin)
  }
  for (let from = 0; from < count; from += atOnce) {
    const names = Array.from({length: Math.min(atOnce, count - from)}, (_, index) => `${seed} ${from + index}`)
    const began = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one batch after another
    const written = await recorder.writeAll(names.map(testRecord))
    const waited = measured ? ` ${performance.now() - began}` : ''
    process.stdout.write(written.map(({id, sha256, key}) => `${id} ${sha256} ${key}${waited}\n`).join(''))
  }
}
