import assert from 'node:assert/strict'
import {answerQuery, type AnswerRequest, type AnswerResult} from '../../../../src/lib/actions/query/answer-query.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {QueryDetail} from '../../../../src/lib/evidence/details.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {findQuestion} from '../../../../src/lib/queries/catalogue.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import {EvidenceWriter, hex, image, SYSTEM} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {NOW, queryContext, type QueryContextOptions} from '../../../fakes/query-context.ts'

describe('answerQuery', () => {
  let store: MemoryStore
  let writer: EvidenceWriter
  const removals: (() => Promise<void>)[] = []

  const ready = async (options: QueryContextOptions = {}) => {
    const made = await queryContext(store, options)
    removals.push(made.remove)
    return made
  }
  const ask = (context: Context, name: string, request: Partial<AnswerRequest> = {}): Promise<AnswerResult> =>
    answerQuery({name, fresh: false, ...request}, context)
  const codes = ({answer}: AnswerResult) => answer.ipe.gaps.map(({code}) => code)

  beforeEach(() => {
    store = memoryStore()
    writer = new EvidenceWriter(store)
  })

  afterEach(async () => {
    await Promise.all(removals.splice(0).map((remove) => remove()))
  })

  describe('the block', () => {
    it('says how the answer was made', async () => {
      await writer.deployment(image('v1'))
      await writer.gate(image('v1'), 'pass', {system: 'billing'})
      const {context} = await ready()
      const {answer, exitCode} = await ask(context, 'deployments', {since: '30d', system: SYSTEM})
      const question = findQuestion('deployments')
      const {ipe} = answer
      assert.equal(exitCode, 0)
      assert.deepEqual([ipe.query, ipe.version, ipe.sql, ipe.sql_sha256], ['deployments', question?.version, question?.sql, sha256Hex(question?.sql ?? '')])
      assert.deepEqual(ipe.parameters, {from: '2026-02-08T12:00:00.000Z', to: NOW, system: SYSTEM})
      assert.deepEqual(ipe.store, {
        address: store.address,
        head: 'not-sealed',
        seal: null,
        records: 2,
        covered: 1,
        newest: '2026-03-02T08:00:02.000Z',
        checked_now: 2,
      })
      assert.deepEqual([ipe.engine.name, ipe.rows, ipe.shown, ipe.complete, ipe.gaps], ['duckdb', 1, 1, true, []])
      assert.deepEqual([ipe.ran_at, ipe.ran_by, ipe.tool], [NOW, {id: 'auditor', issuer: 'desk', basis: 'claimed'}, 'hipaa-ci 0.1.0'])
      assert.deepEqual(
        answer.columns.map(({name}) => name),
        question?.columns.map(({name}) => name),
      )
      assert.ok(ipe.does_not_prove.length > 0)
    })

    it('counts all rows and shows as many as were asked for', async () => {
      for (const name of ['v1', 'v2', 'v3']) await writer.deployment(image(name))
      const {answer} = await ask((await ready()).context, 'deployments', {limit: 2})
      assert.deepEqual([answer.ipe.rows, answer.ipe.shown, answer.rows.length], [3, 2, 2])
    })

    it('counts exceptions that are not shown', async () => {
      for (const name of ['v1', 'v2']) await writer.deployment(image(name))
      assert.equal((await ask((await ready()).context, 'unsigned-in-production', {limit: 1})).exitCode, 1)
    })
  })

  describe('the record', () => {
    it('says what was asked, and how many rows there were', async () => {
      await writer.deployment(image('v1'))
      const {context, recorded} = await ready()
      const {answer} = await ask(context, 'deployments', {environment: 'production', limit: 1})
      const [input] = recorded
      assert.ok(input?.stream === 'query')
      assert.deepEqual(QueryDetail.parse(input.detail), {
        name: 'deployments',
        version: 2,
        sql: answer.ipe.sql_sha256,
        parameters: {from: '1970-01-01T00:00:00.000Z', to: NOW, environment: 'production'},
        rows: 1,
        head: 'not-sealed',
      })
      assert.equal(input.outcome, 'pass')
      assert.notEqual(answer.ipe.recorded, null)
    })

    it('is left out under --no-record, and the block says so', async () => {
      await writer.deployment(image('v1'))
      const {context, recorded} = await ready({noRecord: true})
      const {answer} = await ask(context, 'deployments')
      assert.equal(answer.ipe.recorded, null)
      assert.deepEqual(recorded, [])
    })

    it('must be written, or there is no clean answer', async () => {
      await writer.deployment(image('v1'))
      const {context} = await ready({fault: new AppError('store.unreachable', 'denied')})
      await assert.rejects(
        ask(context, 'deployments'),
        (error: AppError) => error.code === 'record.not-written' && /--no-record/.test(error.suggestions.join()),
      )
    })

    it('does not take back an exception by failing', async () => {
      await writer.deployment(image('v1'))
      const {context} = await ready({fault: new AppError('store.unreachable', 'denied')})
      const {answer, exitCode} = await ask(context, 'unsigned-in-production')
      assert.equal(exitCode, 1)
      assert.equal(answer.ipe.recorded, null)
    })

    it('of a question changes no later answer', async () => {
      await writer.deployment(image('v1'))
      const {context} = await ready()
      const before = await ask(context, 'deployments')
      await writer.write(
        'query',
        {name: 'deployments', version: 1, sql: hex('sql'), parameters: {}, rows: 1, head: 'not-sealed'},
        {system: 'other', environment: 'odd'},
      )
      const after = await ask(context, 'deployments')
      assert.deepEqual(after.answer.rows, before.answer.rows)
      assert.deepEqual({...after.answer.ipe.store, checked_now: 1}, before.answer.ipe.store)
      assert.equal(after.exitCode, 0)
    })
  })

  describe('what makes an answer incomplete', () => {
    it('a record that is gone', async () => {
      const {key} = await writer.deployment(image('v1'))
      await writer.deployment(image('v2'))
      const {context} = await ready()
      await ask(context, 'deployments')
      store.objects.delete(key)
      const result = await ask(context, 'deployments')
      assert.deepEqual(codes(result), ['record.vanished'])
      assert.deepEqual([result.answer.ipe.complete, result.answer.ipe.reason, result.exitCode], [false, 'query.incomplete', 6])
    })

    it('a gap in a run, wherever it is: before, between, and at its end', async () => {
      const build = async (lost: readonly number[]) => {
        store = memoryStore()
        writer = new EvidenceWriter(store)
        const run = writer.run()
        const records = [await writer.start(run)]
        for (let count = 0; count < 3; count += 1) records.push(await writer.gate(image('v1'), 'pass', {run}))
        records.push(await writer.end(run))
        for (const number of lost) store.objects.delete(records[number]?.key ?? '')
        const result = await ask((await ready()).context, 'deployments')
        return [...new Set<string>(codes(result)), String(result.exitCode)].toSorted()
      }
      assert.deepEqual(await build([]), ['0'])
      assert.deepEqual(await build([0]), ['6', 'chain.gap'])
      assert.deepEqual(await build([1]), ['6', 'chain.gap', 'run.count'])
      assert.deepEqual(await build([2]), ['6', 'chain.gap', 'run.count'])
      assert.deepEqual(await build([3]), ['6', 'chain.gap', 'run.count'])
      assert.deepEqual(await build([4]), ['6', 'run.no-end'])
      assert.deepEqual(await build([1, 2, 3]), ['6', 'chain.gap', 'run.missing-job'])
    })

    it('a step or job that never reported', async () => {
      const run = writer.run()
      await writer.start(run, ['scan'])
      await writer.gate(image('v1'), 'pass', {run})
      await writer.end(run, [run], ['scan'])
      const {context} = await ready()
      const result = await ask(context, 'scan-coverage')
      assert.deepEqual(result.answer.ipe.gaps, [{code: 'run.missing-step', what: `run ${run.runid} ended without: scan`, run: run.runid}])
      assert.deepEqual(codes(await ask(context, 'run', {run: run.runid})), ['run.missing-step'])
      assert.deepEqual(codes(await ask(context, 'deployments')), [], 'a scan is nothing that it reads')
      const other = writer.run()
      await writer.start(other)
      await writer.end(other, [other], ['scan', 'job:deploy'])
      const {answer} = await ask((await ready()).context, 'run', {run: other.runid})
      assert.deepEqual(answer.ipe.gaps, [{code: 'run.missing-job', what: `run ${other.runid} ended without: scan, job:deploy`, run: other.runid}])
    })

    it('but not a gap of another time or another system', async () => {
      const run = writer.run()
      await writer.start(run)
      await writer.deployment(image('v1'), {system: 'billing', at: '2026-03-09T00:00:00.000Z'})
      const {context} = await ready()
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-01'})), ['run.no-end'])
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-08'})), [])
      assert.deepEqual(codes(await ask(context, 'deployments', {system: 'billing'})), [])
    })

    it('nor a gap of a run that had ended before', async () => {
      const run = writer.run()
      await writer.start(run, ['deployment'])
      await writer.gate(image('v1'), 'fail', {run})
      const {key} = await writer.gate(image('v1'), 'fail', {run})
      await writer.end(run, [run], ['deployment'])
      store.objects.delete(key)
      const {context} = await ready()
      const found = ['chain.gap', 'run.count', 'run.missing-step']
      // The run lived on 2 March from 08:00:01 to 08:00:04.
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-02T08:00:04Z'})), found)
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-01', to: '2026-03-02T08:00:02Z'})), found)
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-02T08:00:05Z'})), [])
      assert.deepEqual(codes(await ask(context, 'deployments', {from: '2026-03-01', to: '2026-03-02T08:00:01Z'})), [])
    })

    it('an empty store', async () => {
      const result = await ask((await ready()).context, 'rejected')
      assert.deepEqual(codes(result), ['record.not-found'])
      assert.equal(result.exitCode, 6)
    })

    it('a system or an environment that no record names', async () => {
      await writer.deployment(image('v1'))
      const {context} = await ready()
      const result = await ask(context, 'unsigned-in-production', {environment: 'prodution'})
      assert.deepEqual(codes(result), ['record.not-found'])
      assert.match(result.answer.ipe.gaps[0]?.what ?? '', /prodution; there are records about: production/)
      assert.equal(result.exitCode, 6)
      assert.deepEqual(codes(await ask(context, 'deployments', {system: 'x'})), ['record.not-found'])
    })

    it('a record from the future, unless the end was named', async () => {
      await writer.deployment(image('v1'), {at: '2026-03-10T13:00:00.000Z'})
      await writer.deployment(image('v2'))
      const {context} = await ready()
      assert.deepEqual(codes(await ask(context, 'deployments')), ['record.ahead'])
      assert.deepEqual(codes(await ask(context, 'deployments', {to: '2026-03-09'})), [])
    })

    it('what lies among the records and is none, and what cannot be read: exit 5', async () => {
      await writer.deployment(image('v1'))
      store.objects.set('records/v1/gate/note.txt', Buffer.from('x'))
      await writer.write('sbom', {format: 'spdx-2.3+json', packages: 0, platforms: [{platform: 'linux/amd64', packages: 0, blob: 'absent'}], unscanned: []})
      const result = await ask((await ready()).context, 'deployments')
      assert.deepEqual(codes(result), ['record.unknown-object', 'blob.missing'])
      assert.equal(result.exitCode, 5)
    })

    it('and never hides an exception', async () => {
      await writer.deployment(image('v1'))
      await writer.start(writer.run())
      const {answer, exitCode} = await ask((await ready()).context, 'unsigned-in-production')
      assert.deepEqual([exitCode, answer.ipe.complete, answer.ipe.reason], [1, false, 'query.exceptions'])
    })

    it('writes its record as a warning', async () => {
      const {context, recorded} = await ready()
      await ask(context, 'rejected')
      assert.equal(recorded[0]?.outcome, 'warn')
    })
  })

  it('stops at altered evidence', async () => {
    const {key} = await writer.deployment(image('v1'))
    store.objects.set(key, Buffer.from('other'))
    await assert.rejects(ask((await ready()).context, 'deployments'), {code: 'record.altered', exitCode: 5})
  })

  it('suggests the question that was meant', async () => {
    const {context} = await ready()
    await assert.rejects(ask(context, 'signed-imges'), {
      code: 'usage.query',
      message: 'there is no query "signed-imges"; did you mean signed-images?',
      suggestions: ['hipaa-ci query signed-images'],
    })
    await assert.rejects(ask(context, 'nothing-like-it-at-all'), {code: 'usage.query', suggestions: ['hipaa-ci query']})
  })
})
