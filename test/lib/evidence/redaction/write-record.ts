/** A whole record through the real recorder into a store, part by part: what a test planted anywhere in it takes the way that it takes in use. */
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import type {EvidenceRecord} from '../../../../src/lib/evidence/schema.ts'
import {newRunState} from '../../../../src/lib/evidence/run-state.ts'
import type {RunPosition} from '../../../../src/lib/ports/evidence-store.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'

const parts = recorderParts()

/** @returns the store with what was written; throws what the recorder throws */
export async function writeRecord(record: EvidenceRecord): Promise<MemoryStore> {
  const store = memoryStore()
  const {data} = record
  const recorder = createRecorder({
    ...parts,
    store,
    position: positionOf(record),
    system: data.system,
    toolversion: record.toolversion,
    ci: {platform: 'local', ci: true, source: record.source, actor: data.actor, change: data.change},
  })
  await recorder.write({
    stream: record.stream,
    subject: record.subject,
    environment: data.environment,
    outcome: data.outcome,
    tools: data.tools,
    blobs: data.blobs.map(({name, media_type}) => ({name, mediaType: media_type, bytes: Buffer.from('nothing to see')})),
    detail: data.detail,
  })
  return store
}

function positionOf({runid, job, stream, data}: EvidenceRecord): RunPosition {
  const begins = stream === 'run' && data.detail.phase === 'start'
  let state = newRunState({runid, job, seq: begins ? -1 : 0})
  return {
    name: 'a run',
    durable: false,
    read: async () => state,
    exclusively: async (work) =>
      work(state, async (next) => {
        state = next
      }),
  }
}
