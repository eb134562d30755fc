/** A flusher as a process of its own: delivers the spool, says that it has begun, and prints the result: `{store, spool}`. */
import process from 'node:process'
import {flushSpool} from '../../src/lib/actions/evidence/flush-spool.ts'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {openSpool} from '../../src/lib/stores/spool.ts'
import {quietContext} from '../fakes/quiet-context.ts'
import {recorderParts} from '../fakes/recorder-parts.ts'
import {storeOf} from '../fakes/store-of.ts'

const {store: address, spool} = JSON.parse(process.argv[2] ?? '') as {store: string; spool: string}
const store = await storeOf({store: address})
const parts = recorderParts({store})
const recorder = createRecorder({...parts, position: implicitRun(parts.newId(), 'flush')})
process.stdout.write('\n')
const result = await flushSpool(
  {anyStore: false},
  quietContext({store: async () => store, spool: async () => openSpool(spool, address), recorder: async () => recorder}),
)
process.stdout.write(JSON.stringify(result))
process.exitCode = result.exitCode
