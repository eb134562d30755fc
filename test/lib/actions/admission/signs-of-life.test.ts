import assert from 'node:assert/strict'
import {enforcementRecords} from '../../../../src/lib/actions/admission/record-enforcement.ts'
import {signsOfLife} from '../../../../src/lib/actions/admission/signs-of-life.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import type {Recorder, RecordInput} from '../../../../src/lib/ports/evidence-store.ts'
import {hex} from '../../../fakes/evidence-writer.ts'

const MINUTE = 60_000
const {admission} = Config.parse({version: 1, system: 'patient-api'})

/** A server whose time passes when it waits: five minutes a look. */
async function live(looks: number, onLook: (look: number, recorder: Recorder) => Promise<void> = async () => undefined, fails: readonly number[] = []) {
  let now = Date.parse('2026-03-02T08:00:00Z')
  const written: {at: number; stream: string}[] = []
  const faults: unknown[] = []
  let look = 0
  const write = async (input: RecordInput) => {
    if (fails.includes(look)) throw new Error('full')
    written.push({at: (now - Date.parse('2026-03-02T08:00:00Z')) / MINUTE, stream: input.stream})
    return {id: '', key: '', sha256: '', record: undefined}
  }
  const recorder = {enabled: true, write, writeAll: async (inputs: readonly RecordInput[]) => Promise.all(inputs.map(write))} as unknown as Recorder
  const stop = new AbortController()
  const wait = async (milliseconds: number) => {
    if (look === looks) return stop.abort()
    now += milliseconds
    look += 1
    await onLook(look, life.recorder)
  }
  const life = signsOfLife(recorder, {now: () => new Date(now), wait})
  const enforced = enforcementRecords({cluster: 'prod-east', replica: '0', log: 'volume'}, life.recorder)
  await enforced(hex('policy'), admission)
  await life.watch(
    async (again) => enforced(hex('policy'), admission, again),
    (error) => void faults.push(error),
    stop.signal,
  )
  return {written: written.map(({at, stream}) => `${at} ${stream}`), faults}
}

describe('signsOfLife', () => {
  it('says again what is enforced where nothing was recorded for an hour', async () => {
    assert.deepEqual((await live(25)).written, ['0 enforcement', '60 enforcement', '120 enforcement'])
  })

  it('says nothing where other records came', async () => {
    const {written} = await live(24, async (look, recorder) => {
      if (look % 6 === 0) await recorder.writeAll([{stream: 'admission'} as unknown as RecordInput<'admission'>])
    })
    assert.deepEqual(written, ['0 enforcement', '30 admission', '60 admission', '90 admission', '120 admission'])
  })

  it('tries again at the next look what could not be written, and goes on', async () => {
    const {written, faults} = await live(14, undefined, [12])
    assert.deepEqual(written, ['0 enforcement', '65 enforcement'])
    assert.equal(faults.length, 1)
  })
})
