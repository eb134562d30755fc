import assert from 'node:assert/strict'
import {cpSync, existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {emitEvidence} from '../../../../src/lib/actions/evidence/emit-evidence.ts'
import {endRun} from '../../../../src/lib/actions/evidence/end-run.ts'
import {noRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {startRun, type StartRunRequest} from '../../../../src/lib/actions/evidence/start-run.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {RECORDS} from '../../../../src/lib/evidence/key.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {openRunFile} from '../../../../src/lib/stores/run-file.ts'
import {allOf} from '../../../all-of.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {runContext, type RunContextOptions} from '../../../fakes/run-context.ts'
import {scratch} from '../../../scratch.ts'

describe('a run', () => {
  const folder = scratch()
  let store: MemoryStore
  beforeEach(() => {
    store = memoryStore()
  })

  const context = (env: Record<string, string> = {}, options: Partial<RunContextOptions> = {}) => runContext({folder: folder(), store, env, ...options})
  const start = (request: Partial<StartRunRequest> = {}, env: Record<string, string> = {}) => startRun({expected: [], jobs: [], ...request}, context(env))
  const test = async (run: string) => {
    writeFileSync(join(folder(), 'test.json'), '{"name":"unit","passed":1,"failed":0,"skipped":0}')
    await emitEvidence({stream: 'test', file: 'test.json', blobs: []}, context({HIPAA_CI_RUN: run}))
  }
  const end = (run: string, others: string[] = []) => endRun({join: others}, context({HIPAA_CI_RUN: run}))
  const findings = async () => (await verifyEvidence({blobs: true}, context())).findings.map(({code}) => code)
  const records = async () => Promise.all((await allOf(store.list(RECORDS))).map(async (key) => openRecord((await store.get(key)) ?? assert.fail())))

  it('starts, goes on and ends, and is whole', async () => {
    const {files, record, runid} = await start({expected: ['test', 'test'], file: 'run.json'})
    const path = join(folder(), 'run.json')
    assert.deepEqual(files, [{job: 'build', path}])
    await test(path)
    const result = await end(path)
    const state = await openRunFile(path).read()
    assert.deepEqual(result, {
      runid,
      record: result.record,
      expected: ['test'],
      jobs: [{job: 'build', count: 1, last: state.emitted[1]?.sha256}],
      gaps: [],
      exitCode: 0,
    })
    assert.deepEqual(
      state.emitted.map(({stream, seq, id}) => [stream, seq, id === record || id === result.record]),
      [
        ['run', 0, true],
        ['test', 1, false],
        ['run', 2, true],
      ],
    )
    assert.deepEqual(await findings(), [])
    assert.deepEqual(
      (await records()).filter(({stream}) => stream === 'run').map(({data}) => [data.outcome, data.detail]),
      [
        ['pass', {phase: 'start', expected: ['test']}],
        ['pass', {phase: 'end', expected: ['test'], jobs: result.jobs, missing: []}],
      ],
    )
  })

  it('says what never came, in the result, in the record and in the verdict', async () => {
    await start({expected: ['test', 'sbom'], jobs: ['build', 'scan'], file: 'run.json'})
    const path = join(folder(), 'run.json')
    await test(path)
    const {gaps, exitCode} = await end(path)
    assert.deepEqual(
      gaps.map(({code, name, message}) => [code, name, message]),
      [
        ['run.missing-step', 'sbom', 'step sbom never reported'],
        ['run.missing-job', 'job:scan', 'job scan left no run file'],
      ],
    )
    assert.equal(exitCode, 6)
    const {outcome, detail} = (await records()).find(({data}) => 'phase' in data.detail && data.detail.phase === 'end')?.data ?? assert.fail()
    assert.deepEqual([outcome, 'missing' in detail && detail.missing], ['fail', ['sbom', 'job:scan']])
    assert.deepEqual((await findings()).toSorted(), ['run.missing-job', 'run.missing-step'])
  })

  it('is spread over jobs, each with its file, and joined at its end', async () => {
    const {files} = await start({expected: ['test'], jobs: ['build', 'scan', 'deploy/eu'], file: 'run.json'})
    const [build = '', scan = '', deploy = ''] = files.map(({path}) => path)
    assert.deepEqual([scan, deploy], [join(folder(), 'run.scan.json'), join(folder(), 'run.deploy-eu.json')])
    await test(scan)
    await test(scan)
    await test(deploy)
    const {jobs, gaps} = await end(build, ['run.scan.json', deploy, build])
    assert.deepEqual(
      jobs.map(({job, count}) => [job, count]),
      [
        ['build', 0],
        ['scan', 2],
        ['deploy/eu', 1],
      ],
    )
    assert.deepEqual([gaps, await findings()], [[], []])
    const firsts = (await records()).filter(({seq}) => seq === 1)
    assert.equal(new Set(firsts.map(({prevsha256}) => prevsha256)).size, 1)
  })

  it('takes a rerun as a job of its own, which stands for the first', async () => {
    await start({expected: ['test'], jobs: ['build', 'scan'], file: 'run.json'})
    const {files, record} = await start({of: 'run.json', jobs: ['scan#2'], file: 'again.json'})
    assert.deepEqual([files, record], [[{job: 'scan#2', path: join(folder(), 'again.json')}], undefined])
    await test(join(folder(), 'again.json'))
    const {gaps} = await end(join(folder(), 'run.json'), ['again.json'])
    assert.deepEqual([gaps, await findings()], [[], []])
  })

  it('is found out where a file was copied and both went on', async () => {
    await start({file: 'run.json'})
    const [one, two] = [join(folder(), 'run.json'), join(folder(), 'copy.json')]
    cpSync(one, two)
    await test(one)
    await test(two)
    await end(one)
    assert.ok((await findings()).includes('chain.fork'))
  })

  describe('begins in the file', () => {
    it('that HIPAA_CI_RUN names, else beside the configuration', async () => {
      const named = join(folder(), 'named.json')
      assert.equal((await start({}, {HIPAA_CI_RUN: named})).files[0]?.path, named)
      const {files, runid} = await start()
      assert.equal(files[0]?.path, join(folder(), '.hipaa-ci', 'runs', `${runid}.json`))
    })

    it('beside the configuration where the one named has ended', async () => {
      await start({file: 'run.json'})
      const path = join(folder(), 'run.json')
      await end(path)
      assert.notEqual((await start({}, {HIPAA_CI_RUN: path})).files[0]?.path, path)
      await assert.rejects(start({file: path}), {code: 'run.invalid', message: `${path} is there already`})
    })

    it('and never over a run that goes on', async () => {
      await start({file: 'run.json'})
      const path = join(folder(), 'run.json')
      await assert.rejects(start({file: 'run.json'}), {code: 'run.invalid'})
      await assert.rejects(start({}, {HIPAA_CI_RUN: path}), {
        code: 'run.invalid',
        message: `HIPAA_CI_RUN names ${path}, whose run goes on`,
        suggestions: ['To begin another run: unset HIPAA_CI_RUN. To end this one: hipaa-ci run end'],
      })
    })
  })

  describe('that was interrupted', () => {
    const failing = (): EvidenceStore & {down: boolean} => ({
      ...store,
      down: true,
      async put(key, bytes) {
        if (this.down) throw new AppError('store.unreachable', 'it is down')
        return store.put(key, bytes)
      },
    })

    it('at its start is started by the same command', async () => {
      const flaky = failing()
      const again = () => startRun({expected: ['test'], jobs: [], file: 'run.json'}, context({}, {store: flaky}))
      await assert.rejects(again(), {code: 'store.unreachable'})
      flaky.down = false
      const {record} = await again()
      const [only, second] = await records()
      assert.deepEqual([only?.id, second], [record, undefined])
      await assert.rejects(again(), {code: 'run.invalid'})
    })

    it('at its end is ended by the same command, with the same answer', async () => {
      await start({expected: ['sbom'], file: 'run.json'})
      const path = join(folder(), 'run.json')
      await test(path)
      const flaky = failing()
      const again = () => endRun({join: []}, context({HIPAA_CI_RUN: path}, {store: flaky}))
      await assert.rejects(again(), {code: 'store.unreachable'})
      flaky.down = false
      const {jobs, gaps, exitCode, record} = await again()
      const last = (await records()).find(({id}) => id === record)
      assert.deepEqual(last?.data.detail, {phase: 'end', expected: ['sbom'], jobs, missing: ['sbom']})
      assert.deepEqual([gaps.length, exitCode, await findings()], [1, 6, ['run.missing-step']])
      await assert.rejects(again(), {code: 'run.invalid', message: /has ended already/})
    })

    it('is completed by who joins it: the machine that noted its records may be gone', async () => {
      const {files, runid} = await start({jobs: ['build', 'scan'], expected: ['test'], file: 'run.json'})
      const scan = files[1]?.path ?? ''
      writeFileSync(join(folder(), 'test.json'), '{"name":"unit","passed":1,"failed":0,"skipped":0}')
      const emit = (options: Partial<RunContextOptions>) => emitEvidence({stream: 'test', file: 'test.json', blobs: []}, context({HIPAA_CI_RUN: scan}, options))
      await assert.rejects(emit({store: failing()}), {code: 'store.unreachable'})
      const copy = join(folder(), 'artifact.json')
      cpSync(scan, copy)
      const {jobs, gaps, exitCode} = await end(join(folder(), 'run.json'), [copy])
      assert.deepEqual(
        [jobs.map(({job, count}) => [job, count]), gaps, exitCode, await findings()],
        [
          [
            ['build', 0],
            ['scan', 1],
          ],
          [],
          0,
          [],
        ],
      )
      assert.equal((await openRunFile(copy).read()).pending.length, 0)
      // The machine comes back with its own copy: it puts the very same bytes, and then goes on where the end has counted.
      await emit({})
      assert.deepEqual([(await records()).filter((record) => record.runid === runid).length, await findings()], [4, ['run.after-end']])
    })
  })

  describe('with a spool', () => {
    const waiting = (count: number): Pick<Context, 'spool'> => ({
      spool: async () => ({
        path: "/it's/spool",
        waitsFor: () => assert.fail('not asked for'),
        async *list() {
          yield* Array.from({length: count}, (_, index) => `records/${index}`)
        },
        get: () => assert.fail('not asked for'),
        put: () => assert.fail('not asked for'),
        remove: () => assert.fail('not asked for'),
      }),
    })

    it('does not end before what waits in it, and leaves its file as it is', async () => {
      await start({file: 'run.json'})
      const path = join(folder(), 'run.json')
      const before = await openRunFile(path).read()
      const run = (count: number) => endRun({join: []}, context({HIPAA_CI_RUN: path}, {parts: waiting(count)}))
      await assert.rejects(run(2), (error: AppError) => {
        assert.deepEqual([error.code, error.exitCode], ['spool.not-empty', 4])
        assert.equal(error.message, "2 objects wait in /it's/spool, and a run's end must not go before")
        assert.deepEqual(error.suggestions, [String.raw`hipaa-ci emit --flush --spool '/it'\''s/spool'`])
        return true
      })
      assert.deepEqual(await openRunFile(path).read(), before)
      assert.equal((await run(0)).exitCode, 0)
    })
  })

  it('of a server names the run before it', async () => {
    const {runid} = await start({file: 'first.json'})
    await start({file: 'second.json', previous: runid})
    const starts = (await records()).filter(({stream}) => stream === 'run').map(({data}) => data.detail)
    assert.deepEqual(starts.at(-1), {phase: 'start', expected: [], previous: runid})
    for (const request of [{previous: 'yesterday'}, {previous: runid, of: 'first.json', jobs: ['a']}])
      await assert.rejects(start(request), {code: 'usage.flag'})
  })

  describe('refuses', () => {
    it('steps that are no streams, and jobs that are no names', async () => {
      for (const expected of [['sboms'], ['run'], ['test', '']]) await assert.rejects(start({expected}), {code: 'usage.flag'})
      for (const jobs of [['a b'], ['x'.repeat(65)], ['-x']]) await assert.rejects(start({jobs}), {code: 'usage.flag'})
      assert.equal(existsSync(join(folder(), '.hipaa-ci')), false)
    })

    it('one more job without one name, or with its own expectations', async () => {
      await start({file: 'run.json'})
      for (const request of [{}, {jobs: ['a', 'b']}, {jobs: ['a'], expected: ['test']}])
        await assert.rejects(start({of: 'run.json', ...request}), {code: 'usage.flag'})
      await assert.rejects(start({of: 'none.json', jobs: ['a']}), {code: 'run.invalid'})
      await end(join(folder(), 'run.json'))
      await assert.rejects(start({of: 'run.json', jobs: ['a']}), {code: 'run.invalid', message: /has ended/})
    })

    it('to end what is not known, of another run, or twice the same job', async () => {
      await assert.rejects(endRun({join: []}, context()), {code: 'run.invalid', message: /HIPAA_CI_RUN is not set/})
      await start({file: 'run.json'})
      await start({file: 'other.json'})
      const path = join(folder(), 'run.json')
      await assert.rejects(end(path, ['other.json']), {code: 'run.invalid', message: /is of run .*, not of/})
      cpSync(path, join(folder(), 'copy.json'))
      await assert.rejects(end(path, ['copy.json']), {code: 'run.invalid', message: 'two run files are of job build'})
      await assert.rejects(end(path, ['none.json']), {code: 'run.invalid'})
      assert.deepEqual((await end(path)).gaps, [])
    })

    it('--no-record', async () => {
      const silent = context({HIPAA_CI_RUN: 'run.json'}, {parts: {recorder: async () => noRecorder}})
      await assert.rejects(startRun({expected: [], jobs: []}, silent), {code: 'usage.flag'})
      await assert.rejects(endRun({join: []}, silent), {code: 'usage.flag'})
      assert.deepEqual([existsSync(join(folder(), 'run.json')), store.objects.size], [false, 0])
    })
  })
})
