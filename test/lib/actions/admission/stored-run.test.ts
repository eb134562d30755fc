/** A server's run straight in the store: several chains of one run. */
import assert from 'node:assert/strict'
import {beginStoredRun} from '../../../../src/lib/actions/admission/begin-stored-run.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {parseBlobKey} from '../../../../src/lib/evidence/key.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'

describe('a run straight in the store', () => {
  const now = () => new Date()
  let store: MemoryStore
  let [under, most, down] = [0, 0, false]
  const slow = (): EvidenceStore => ({
    ...store,
    async put(key, bytes) {
      under += 1
      most = Math.max(most, under)
      await new Promise(setImmediate)
      under -= 1
      if (down) throw new AppError('store.unreachable', 'nobody answers')
      return store.put(key, bytes)
    },
  })
  const begin = async () => {
    const parts = recorderParts({store: slow()})
    const recorder = async (...[position, into]: Parameters<Parameters<typeof beginStoredRun>[1]['recorder']>) =>
      createRecorder({...parts, store: into ?? assert.fail(), position: position ?? assert.fail()})
    return beginStoredRun({job: 'admission/test/replica-0'}, {newId: parts.newId, now, store: async () => slow(), recorder})
  }
  const findings = async () => (await verifyEvidence({blobs: true}, quietContext({store: async () => store, now}))).findings.map(({code}) => code)
  const count = () => [...store.objects.keys()].filter((key) => parseBlobKey(key) === undefined).length

  beforeEach(() => {
    store = memoryStore({now})
    ;[under, most, down] = [0, 0, false]
  })

  it('fifty at a time do not stand behind one another, and all of them are in its chains', async () => {
    const run = await begin()
    const written = await Promise.all(Array.from({length: 50}, async (_, index) => run.recorder.writeAll([testRecord(`${index} a`), testRecord(`${index} b`)])))
    assert.deepEqual(
      written.flat().filter(({key}) => !store.objects.has(key)),
      [],
    )
    await run.end()
    assert.deepEqual([await findings(), count()], [[], 102])
    assert.ok(most > 8, `${most} at a time`)
    await assert.rejects(run.recorder.write(testRecord('after')), {code: 'run.invalid'})
  })

  it('what an outage left pending is put before the next, or at the end', async () => {
    const run = await begin()
    down = true
    const refused = await Promise.allSettled(Array.from({length: 20}, async (_, index) => run.recorder.write(testRecord(`${index}`))))
    assert.ok(refused.every(({status}) => status === 'rejected'))
    down = false
    await Promise.all(Array.from({length: 5}, async (_, index) => run.recorder.write(testRecord(`later ${index}`))))
    await run.end()
    assert.deepEqual(await findings(), [])
  })
})
