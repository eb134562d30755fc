/** Real processes, the real folder store, real kills: what is in the store afterwards is whole, and its chains hold. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {monotonicFactory} from 'ulid'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {newRunState, parseRunState} from '../../../../src/lib/evidence/run-state.ts'
import {openFolderStore} from '../../../../src/lib/stores/folder.ts'
import {createRunFile, openRunFile} from '../../../../src/lib/stores/run-file.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {ended, run, start} from '../../../program.ts'
import {scratch} from '../../../scratch.ts'

describe('many writers of one store', () => {
  const folder = scratch()
  const store = () => join(folder(), 'evidence')
  const runFile = () => join(folder(), 'run.json')
  const verify = () => verifyEvidence({blobs: true}, quietContext({store: async () => openFolderStore(store())}))

  const startRun = async () => {
    const position = await createRunFile(runFile(), newRunState({runid: monotonicFactory()(), job: 'build', seq: -1}))
    const recorder = createRecorder({...recorderParts({store: openFolderStore(store())}), position})
    await recorder.write({stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: []}})
  }

  it('two of 500 records each, at once, in runs of their own: 1,000 records, chains valid', async () => {
    const results = await Promise.all(['a', 'b'].map((seed) => run('record', {store: store(), count: 500, atOnce: 500, seed})))
    assert.deepEqual(
      results.map(({code, stdout, stderr}) => [code, stdout.length, stderr]),
      [
        [0, 500, ''],
        [0, 500, ''],
      ],
    )
    const {records, runs, blobs, findings} = await verify()
    assert.deepEqual({records, runs, blobs, findings}, {records: 1000, runs: 2, blobs: 1000, findings: []})
  }).timeout(120_000)

  it('two of 500 records each, at once, in one run: 1,000 records in one chain', async () => {
    await startRun()
    const results = await Promise.all(['a', 'b'].map((seed) => run('record', {store: store(), run: runFile(), count: 500, atOnce: 50, seed})))
    assert.deepEqual(
      results.map(({code, stdout, stderr}) => [code, stdout.length, stderr]),
      [
        [0, 500, ''],
        [0, 500, ''],
      ],
    )
    const {records, runs, findings} = await verify()
    assert.deepEqual([records, runs, findings.map(({code}) => code)], [1001, 1, ['run.no-end']])
    assert.equal((await openRunFile(runFile()).read()).seq, 1000)
  }).timeout(120_000)

  it('killed at fifty random moments: no half record, no fork, no gap, nothing acknowledged lost', async () => {
    await startRun()
    let acknowledged = 0
    for (let round = 0; round < 50; round++) {
      const child = start('record', {store: store(), run: runFile(), count: 1_000_000, atOnce: 1 + (round % 5), seed: `round ${round}`})
      const end = ended(child)
      if (child.stdout !== null) await once(child.stdout, 'data')
      await sleep(Math.random() * 40)
      child.kill('SIGKILL')
      const {signal, stdout, stderr} = await end
      assert.deepEqual([signal, stderr], ['SIGKILL', ''])
      acknowledged += stdout.length
      // Torn or half-put, it would show here, before anybody repairs anything.
      const {findings} = await verify()
      assert.deepEqual(
        findings.filter(({code}) => code !== 'run.no-end'),
        [],
      )
    }
    const last = await run('record', {store: store(), run: runFile(), count: 1, seed: 'last'})
    assert.deepEqual([last.code, last.stderr], [0, ''])
    const {records, findings} = await verify()
    const state = await openRunFile(runFile()).read()
    assert.deepEqual([findings.map(({code}) => code), records, state.pending], [['run.no-end'], state.seq + 1, []])
    assert.ok(state.seq > acknowledged, `${acknowledged} and the last one were acknowledged, and the run file counts ${state.seq}`)
    assert.deepEqual(readdirSync(join(store(), 'tmp')), [])
    assert.deepEqual(parseRunState(JSON.stringify(state), 'run.json'), state)
  }).timeout(300_000)
})
