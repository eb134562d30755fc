import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {joinedDecisions} from '../../../../src/lib/actions/sign/joined-decisions.ts'
import {startRun} from '../../../../src/lib/actions/evidence/start-run.ts'
import type {RunState} from '../../../../src/lib/evidence/run-state.ts'
import {digestOf, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {runContext} from '../../../fakes/run-context.ts'
import {scratch} from '../../../scratch.ts'

const SUBJECTS = [{mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('v1'), size: 1}]

describe('the decisions of joined run files', () => {
  const folder = scratch()
  const own = () => join(folder(), 'run.json')
  const store = memoryStore()
  const context = (env: Record<string, string> = {HIPAA_CI_RUN: own()}) => runContext({folder: folder(), store, env})
  const joined = async (...files: string[]) => joinedDecisions(files, SUBJECTS, context())

  /** Two jobs; the second one has written a gate record about the image and a test report about the run. */
  const arrange = async () => {
    const {runid} = await startRun({expected: [], jobs: ['sign', 'scan'], file: own()}, context({}))
    const scan = join(folder(), 'run.scan.json')
    const recorder = await context().recorder((await context().runs()).open(scan))
    const detail = {policy: 'c'.repeat(64), counts: {}, decision: 'pass' as const, reasons: [], waivers: [], scans: []}
    const gate = await recorder.write({stream: 'gate', subject: image('v1'), outcome: 'pass', detail})
    const other = await recorder.write({stream: 'gate', subject: image('v2'), outcome: 'fail', detail})
    const test = await recorder.write({stream: 'test', outcome: 'pass', detail: {name: 'unit', passed: 1, failed: 0, skipped: 0}})
    return {runid, scan, gate, other, test}
  }

  it('are those about the image, and about the run as a whole, with outcome and policy', async () => {
    const {scan, gate, test} = await arrange()
    assert.deepEqual(await joined(scan), [
      {name: 'gate', id: gate.id, sha256: gate.sha256, outcome: 'pass', policy: 'c'.repeat(64)},
      {name: 'test', id: test.id, sha256: test.sha256, outcome: 'pass'},
    ])
  })

  it('are named once, however often a file is given, and are no records of other kinds', async () => {
    const {scan} = await arrange()
    assert.equal((await joined(scan, 'run.scan.json', own())).length, 2)
  })

  it('are not taken from the file of another run, nor from what is no run file', async () => {
    await arrange()
    const elsewhere = join(folder(), 'elsewhere.json')
    await startRun({expected: [], jobs: ['scan'], file: elsewhere}, context({}))
    await assert.rejects(joined(elsewhere), {code: 'run.invalid', message: /is of run/})
    writeFileSync(join(folder(), 'odd.json'), '{}')
    await assert.rejects(joined('odd.json'), {code: 'run.invalid'})
    await assert.rejects(joined('absent.json'), {code: 'run.invalid'})
  })

  it('are not taken where the store has not acknowledged all of them', async () => {
    const {scan, gate} = await arrange()
    const state = JSON.parse(readFileSync(scan, 'utf8')) as RunState
    const record = state.emitted.find(({id}) => id === gate.id) ?? assert.fail()
    writeFileSync(scan, JSON.stringify({...state, pending: [{key: 'k', bytes: '', record}]}))
    await assert.rejects(joined(scan), {code: 'run.invalid', message: /not acknowledged/})
  })

  it('need a run that the files can be of', async () => {
    const {scan} = await arrange()
    await assert.rejects(joinedDecisions([scan], SUBJECTS, context({})), {code: 'run.invalid', message: /HIPAA_CI_RUN is not set/})
  })
})
