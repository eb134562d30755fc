import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {checkChains} from '../../../src/lib/evidence/chain.ts'
import {linkOf, type ChainLink, type Damaged} from '../../../src/lib/evidence/chain-link.ts'
import type {SealedRecord} from '../../../src/lib/evidence/record.ts'
import type {Stream} from '../../../src/lib/evidence/streams.ts'
import {EvidenceWriter, hex, image, type RunPlace} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'

const link = ({record, key, sha256}: SealedRecord): ChainLink => linkOf(record, key, sha256)
const damaged = (...records: SealedRecord[]): Damaged => new Map(records.map(({key, sha256, record}) => [sha256, {key, stream: record.stream}]))
const codes = (records: readonly SealedRecord[], bad?: Damaged) =>
  checkChains(records.map(link), bad).map(({code, key}) => [code, records.findIndex((one) => one.key === key)])

/** A run of these streams in one job, started and ended; the records in order. */
async function wholeRun(streams: readonly ('test' | 'deployment')[] = ['test', 'deployment', 'test'], expected: readonly Stream[] = []) {
  const writer = new EvidenceWriter(memoryStore())
  const run = writer.run()
  const records = [await writer.start(run, expected)]
  for (const stream of streams) records.push(await write(writer, run, stream))
  records.push(await writer.end(run))
  return {writer, run, records}
}

async function write(writer: EvidenceWriter, run: RunPlace, stream: 'test' | 'deployment' = 'test') {
  return stream === 'test'
    ? writer.write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0}, {run})
    : writer.write('deployment', {namespace: 'n', workload: 'w'}, {run})
}

/** Without those at `places`. */
const without = (records: readonly SealedRecord[], ...places: number[]) => records.filter((_, index) => !places.includes(index))

describe('the chain of a run', () => {
  it('holds, in whatever order the records are read', async () => {
    const {records} = await wholeRun()
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray(records, {minLength: records.length}), async (shuffled) => assert.deepEqual(codes(shuffled), [])))
  })

  it('holds where runs lie side by side, and where there are none', async () => {
    const [a, b] = [await wholeRun(), await wholeRun()]
    assert.deepEqual(codes([...a.records.map((one) => one), ...b.records.slice(0, 0)]), [])
    assert.deepEqual(checkChains([]), [])
  })

  it('needs neither start nor end where a process made its own', async () => {
    const writer = new EvidenceWriter(memoryStore())
    const run = {...writer.run(), seq: 0}
    assert.deepEqual(codes([await write(writer, run), await write(writer, run)]), [])
  })

  describe('names what is missing', () => {
    it('between two', async () => {
      const {records} = await wholeRun()
      assert.deepEqual(codes(without(records, 2)), [['chain.gap', 2]])
      assert.deepEqual(codes(without(records, 1, 2)), [['chain.gap', 1]])
      const [finding] = checkChains(without(records, 1, 2).map(link))
      assert.match(finding?.message ?? '', /^records 1 to 2 of job main are missing from run /)
    })

    it('at the beginning', async () => {
      const {records} = await wholeRun()
      assert.deepEqual(codes(without(records, 0)), [['chain.gap', 0]])
      const writer = new EvidenceWriter(memoryStore())
      const run = {...writer.run(), seq: 0}
      const [, second] = [await write(writer, run), await write(writer, run)]
      assert.deepEqual(codes([second]), [['chain.gap', 0]])
    })

    it('at the end: the end record itself', async () => {
      const {records} = await wholeRun()
      assert.deepEqual(codes(records.slice(0, -1)), [['run.no-end', 0]])
      assert.deepEqual(codes(records.slice(0, 1)), [['run.no-end', 0]])
    })

    it("of a server's run once its next boot names it, and not while it goes on", async () => {
      const writer = new EvidenceWriter(memoryStore())
      const run = writer.run()
      const enforcement = {cluster: 'prod-east', replica: 'a', policy: 'a'.repeat(64), exempt: [], rollout: [], log: 'volume' as const}
      const records = [await writer.start(run), await writer.write('enforcement', enforcement, {run})]
      assert.deepEqual(codes(records), [])
      const next = await writer.write('run', {phase: 'start', expected: [], previous: run.runid}, {run: writer.run()})
      assert.deepEqual(
        codes([...records, next]).filter(([, at]) => at !== 2),
        [['run.no-end', 0]],
      )
      assert.deepEqual(
        checkChains(records.map(link), new Map(), new Set([run.runid])).map(({code}) => code),
        ['run.no-end'],
      )
    })

    it("in another job, by the count of the run's end", async () => {
      const {writer, run, records} = await wholeRun([])
      const scan = writer.jobOf({...run, last: records[0]?.sha256 ?? ''}, 'scan')
      const [one, two] = [await write(writer, scan), await write(writer, scan)]
      const end = await writer.end({...run, seq: 0, last: records[0]?.sha256 ?? ''}, [{...run, seq: 0, last: records[0]?.sha256 ?? ''}, scan])
      const all = [records[0] ?? assert.fail(), one, two, end]
      assert.deepEqual(codes(all), [])
      assert.deepEqual(codes(without(all, 2)), [['run.count', 2]])
      assert.deepEqual(codes(without(all, 1, 2)), [['run.count', 1]])
      assert.deepEqual(codes(without(all, 1)), [['chain.gap', 1]])
    })

    it('of the steps that were expected, also where the end keeps silent', async () => {
      const {writer, run, records} = await wholeRun(['test'], ['test', 'sbom'])
      assert.deepEqual(codes(records), [['run.missing-step', 2]])
      const [finding] = checkChains(records.map(link))
      assert.equal(finding?.message, `step sbom of run ${run.runid} never reported`)
      const before = {...run, seq: run.seq - 1, last: records[1]?.sha256 ?? ''}
      const honest = await writer.end(before, [before], ['sbom', 'job:scan'])
      assert.deepEqual(codes([...records.slice(0, -1), honest]).toSorted(), [
        ['run.missing-job', 2],
        ['run.missing-step', 2],
      ])
    })

    it("but not the steps that only a passed gate leads to, where the run's own gate stopped it", async () => {
      const writer = new EvidenceWriter(memoryStore())
      const endOf = async (decision: 'pass' | 'fail') => {
        const run = writer.run()
        return [await writer.start(run, ['gate', 'signature', 'test']), await writer.gate(image('a'), decision, {run}), await writer.end(run)]
      }
      const steps = async (decision: 'pass' | 'fail') => checkChains((await endOf(decision)).map(link)).map(({message}) => message.split(' ')[1])
      assert.deepEqual([await steps('pass'), await steps('fail')], [['signature', 'test'], ['test']])
    })

    it('of the jobs that were declared; a rerun stands for its job', async () => {
      const writer = new EvidenceWriter(memoryStore())
      const run = writer.run()
      const start = await writer.write('run', {phase: 'start', expected: [], jobs: [{job: 'main'}, {job: 'scan'}]}, {run})
      const rerun = writer.jobOf(run, 'scan#2')
      const record = await write(writer, rerun)
      assert.deepEqual(codes([start, await writer.end({...run}, [run])]), [['run.missing-job', 1]])
      assert.deepEqual(codes([start, record, await writer.end({...run}, [run, rerun])]), [])
    })

    it('of a job that the end does not count', async () => {
      const writer = new EvidenceWriter(memoryStore())
      const run = writer.run()
      const start = await writer.start(run)
      const records = [start, await write(writer, writer.jobOf(run, 'scan')), await writer.end(run)]
      assert.deepEqual(codes(records), [['run.unlisted-job', 1]])
    })
  })

  describe('names what was changed', () => {
    it('a link to another record', async () => {
      const {records} = await wholeRun()
      const forged = records.map(link).map((one, index) => (index === 2 ? {...one, prevsha256: hex('other')} : one))
      assert.deepEqual(
        checkChains(forged).map(({code, key}) => [code, key]),
        [['chain.broken', records[2]?.key]],
      )
    })

    it('a link that is not there', async () => {
      const {records} = await wholeRun()
      const forged = records.map(link).map(({prevsha256, ...one}, index) => (index === 1 || prevsha256 === undefined ? one : {...one, prevsha256}))
      assert.deepEqual(
        checkChains(forged).map(({code}) => code),
        ['chain.broken'],
      )
    })

    it('a record at the place of the start, and a start at another place', async () => {
      const {records} = await wholeRun()
      const links = records.map(link)
      const [start, first] = links
      assert.ok(start !== undefined && first !== undefined)
      assert.deepEqual(
        checkChains([...links, {...first, key: 'extra', sha256: hex('extra'), job: 'x', seq: 0}]).map(({code}) => code),
        ['chain.broken'],
      )
      assert.deepEqual(
        checkChains([{...start, seq: 4}, ...links.slice(1)]).map(({code}) => code),
        ['chain.broken'],
      )
    })

    it('two records at one place', async () => {
      const {writer, run, records} = await wholeRun()
      const twin = await write(writer, {...run, seq: 1, last: records[1]?.sha256 ?? ''})
      assert.deepEqual(codes([...records, twin]), [
        ['chain.fork', 2],
        ['chain.fork', 5],
      ])
    })

    it('two starts, two ends', async () => {
      const {writer, run, records} = await wholeRun()
      const start = await writer.start({runid: run.runid, job: 'main', seq: -1})
      assert.deepEqual(codes([...records, start]), [['chain.fork', 5]])
      const end = await writer.end({...run, job: 'other', seq: 0, last: records[0]?.sha256 ?? ''}, [])
      assert.deepEqual(codes([...records, end]), [
        ['chain.fork', 5],
        ['run.unlisted-job', 5],
      ])
    })

    it('a record after the end had counted', async () => {
      const {writer, run, records} = await wholeRun()
      assert.deepEqual(codes([...records, await write(writer, run)]), [['run.after-end', 5]])
    })

    it('a last record that is not the one the end names', async () => {
      const {writer, run, records} = await wholeRun()
      const before = {...run, seq: run.seq - 1, last: records[3]?.sha256 ?? ''}
      const end = await writer.end({...before}, [{...before, last: hex('another')}])
      assert.deepEqual(codes([...records.slice(0, -1), end]), [['chain.broken', 4]])
    })

    it('a job without records whose last is not the start', async () => {
      const writer = new EvidenceWriter(memoryStore())
      const run = writer.run()
      const start = await writer.start(run)
      const end = await writer.end({...run}, [run, {runid: run.runid, job: 'idle', seq: 0, last: hex('else')}])
      assert.deepEqual(codes([start, end]), [['chain.broken', 1]])
    })
  })

  describe('does not call a gap what is there and damaged', () => {
    it('whichever record it is', async () => {
      const {records} = await wholeRun(['test', 'deployment', 'test'], ['test', 'deployment'])
      for (const [index, record] of records.entries()) {
        const found = codes(without(records, index), damaged(record))
        assert.deepEqual(found, index === records.length - 1 ? [['run.no-end', 0]] : [], `record ${index}`)
      }
    })

    it('but two, of which only one can be seen', async () => {
      const {records} = await wholeRun()
      assert.deepEqual(codes(without(records, 1, 2), damaged(...records.slice(1, 3))), [['chain.gap', 1]])
    })
  })
})
