/** Real processes, a real outage, real kills: what was acknowledged is in the store at last, in its chain, accounted for. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {mkdirSync, renameSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {monotonicFactory} from 'ulid'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {parseRecordKey, RECORDS} from '../../../../src/lib/evidence/key.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import {newRunState} from '../../../../src/lib/evidence/run-state.ts'
import {openFolderStore} from '../../../../src/lib/stores/folder.ts'
import {createRunFile, openRunFile} from '../../../../src/lib/stores/run-file.ts'
import {openSpool} from '../../../../src/lib/stores/spool.ts'
import {allOf} from '../../../all-of.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {ended, run, start} from '../../../program.ts'
import {scratch} from '../../../scratch.ts'

describe('a spool and kills', () => {
  const folder = scratch()
  const evidence = () => join(folder(), 'mount', 'evidence')
  const runFile = () => join(folder(), 'run.json')
  const place = () => ({store: `folder:${evidence()}`, spool: join(folder(), 'spool')})
  const open = () => openFolderStore(evidence())
  const waiting = async () => allOf((await openSpool(place().spool, place().store)).list(''))

  /** What the link to the store's disk leads to, in one step: to a file, and the store is out of reach. */
  const mount = (to: 'disk' | 'nothing') => {
    symlinkSync(to, join(folder(), 'next'))
    renameSync(join(folder(), 'next'), join(folder(), 'mount'))
  }
  const goDown = () => mount('nothing')
  const comeBack = () => mount('disk')
  const findings = async () => {
    const {findings: all} = await verifyEvidence({blobs: true}, quietContext({store: async () => open()}))
    return all.map(({code}) => code).filter((code) => code !== 'run.no-end')
  }
  const records = async () => {
    const keys = (await allOf(open().list(RECORDS))).map((key) => ({key, sha256: parseRecordKey(key)?.sha256 ?? assert.fail(key)}))
    return Promise.all(keys.map(async ({key, sha256}) => ({sha256, record: openRecord((await open().get(key)) ?? assert.fail(key))})))
  }
  const digestsOf = (stdout: string) => [...stdout.matchAll(/^\S{26} ([0-9a-f]{64}) .*$/gm)].map(([, digest]) => digest ?? '')

  /** Every one of `digests` is in the store, and came with a delivery that says so where it was late. */
  const assertDelivered = async (digests: readonly string[], late: ReadonlySet<string>) => {
    const all = await records()
    const there = new Set(all.map(({sha256}) => sha256))
    assert.deepEqual([digests.filter((digest) => !there.has(digest)), await findings(), await waiting()], [[], [], []])
    const accounted = new Set(all.flatMap(({record}) => (record.stream === 'delivery' ? record.data.detail.records : [])))
    assert.deepEqual(
      [...late].filter((digest) => !accounted.has(digest)),
      [],
    )
  }

  beforeEach(async () => {
    mkdirSync(join(folder(), 'disk'))
    writeFileSync(join(folder(), 'nothing'), '')
    comeBack()
    const position = await createRunFile(runFile(), newRunState({runid: monotonicFactory()(), job: 'build', seq: -1}))
    const recorder = createRecorder({...recorderParts({store: open()}), position})
    await recorder.write({stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: []}})
  })

  /** Writers that are killed at random moments. @returns what they said was acknowledged */
  const killedWriters = async (rounds: number): Promise<string[]> => {
    const acknowledged: string[] = []
    for (let round = 0; round < rounds; round++) {
      const child = start('emitter', {...place(), run: runFile(), count: 1_000_000, atOnce: 1 + (round % 4), seed: `round ${round}`})
      const end = ended(child)
      if (child.stdout !== null) await once(child.stdout, 'data')
      await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      const {signal, stdout, stderr} = await end
      assert.deepEqual([signal, stderr], ['SIGKILL', ''])
      acknowledged.push(...digestsOf(stdout))
    }
    return acknowledged
  }

  it('writers killed in an outage: all that they acknowledged is delivered, in one chain', async () => {
    goDown()
    const acknowledged = await killedWriters(12)
    comeBack()
    assert.equal((await records()).length, 1)
    // The next writer completes what a killed one had only noted, behind what waits.
    const last = await run('emitter', {...place(), run: runFile(), count: 1, seed: 'last'})
    acknowledged.push(...digestsOf(last.stdout))
    const {code, stdout} = await run('flush', place())
    assert.equal(code, 0, stdout)
    await assertDelivered(acknowledged, new Set(acknowledged))
    const {seq, pending} = await openRunFile(runFile()).read()
    const own = (await records()).filter(({record}) => record.stream !== 'delivery')
    assert.deepEqual([own.length, pending], [seq + 1, []])
  }).timeout(180_000)

  it('flushers killed at random moments, and two at once: nothing is lost, and the last one finishes', async () => {
    goDown()
    const {stdout} = await run('emitter', {...place(), run: runFile(), count: 120, atOnce: 40, seed: 'a'})
    const digests = digestsOf(stdout)
    comeBack()
    for (let round = 0; round < 10; round++) {
      const child = start('flush', place())
      const end = ended(child)
      if (child.stdout !== null) await once(child.stdout, 'data')
      await sleep(Math.random() * 80)
      child.kill('SIGKILL')
      await end
      assert.deepEqual(await findings(), [], `round ${round}`)
    }
    const results = await Promise.all([run('flush', place()), run('flush', place())])
    assert.deepEqual(
      results.map(({code, stderr}) => [code, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    )
    await assertDelivered(digests, new Set(digests))
  }).timeout(180_000)

  it('a store that goes and comes back, writers and a flusher at once: no moment shows a gap', async () => {
    const writer = start('emitter', {...place(), run: runFile(), count: 150, seed: 'flapping'})
    const end = ended(writer)
    const late = new Set<string>()
    for (let round = 0; writer.exitCode === null && round < 50; round++) {
      goDown()
      await sleep(30)
      comeBack()
      for (const key of await waiting()) late.add(parseRecordKey(key)?.sha256 ?? '')
      assert.equal((await run('flush', place())).code, 0)
      assert.deepEqual(await findings(), [], `round ${round}`)
    }
    const {code, stdout, stderr} = await end
    assert.deepEqual([code, stderr], [0, ''])
    assert.equal((await run('flush', place())).code, 0)
    late.delete('')
    assert.equal(digestsOf(stdout).length, 150)
    assert.ok(late.size > 0, 'some waited')
    await assertDelivered(digestsOf(stdout), late)
  }).timeout(180_000)
})
