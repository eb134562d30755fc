import assert from 'node:assert/strict'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes, pick} from './ask.ts'

const DAY = '2026-03-02'
const PERIOD = {from: `${DAY}T08:00:00Z`, to: `${DAY}T12:00:00Z`}

type Answer = 'refused' | 'admitted' | 'unknown'

/** Canaries of one cluster, each at a time of the day. */
async function canaries(words: readonly (readonly [time: string, answer: Answer, cluster?: string])[]) {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  for (const [time, answer, cluster = 'prod-east'] of words)
    await writer.write('canary', {cluster, namespace: 'hipaa-ci', answer}, {at: `${DAY}T${time}:00.000Z`})
  return {store, writer}
}

async function gaps(words: Parameters<typeof canaries>[0]) {
  const {store} = await canaries(words)
  const result = await ask(store, 'enforcement-gaps', PERIOD)
  return pick(result, 'cluster', 'gap', 'begins', 'ends').map((row) =>
    row.map((cell) => (typeof cell === 'string' ? cell.replace(/^2026-03-02T(\d\d:\d\d):.*/, '$1') : cell)).join(' '),
  )
}

/** One refusal each hour. */
const hourly = (from: number, to: number, cluster?: string) =>
  Array.from(
    {length: to - from + 1},
    (_, index) => [`${String(from + index).padStart(2, '0')}:00`, 'refused', ...(cluster === undefined ? [] : [cluster])] as [string, Answer, string?],
  )

describe('enforcement-gaps', () => {
  it('finds none where a canary is refused every hour', async () => {
    assert.deepEqual(await gaps(hourly(7, 11)), [])
  })

  it('dates a window from the last refusal to the next one', async () => {
    assert.deepEqual(await gaps([...hourly(7, 8), ['08:20', 'admitted'], ['08:25', 'admitted'], ['08:30', 'refused'], ...hourly(9, 11)]), [
      'prod-east admitted 08:00 08:30',
    ])
  })

  it('has one window for all that is not proven, by the name of its worst', async () => {
    assert.deepEqual(await gaps([...hourly(7, 8), ['08:20', 'unknown'], ['08:25', 'admitted'], ['08:28', 'unknown'], ['08:30', 'refused'], ...hourly(9, 11)]), [
      'prod-east admitted 08:00 08:30',
    ])
  })

  it('leaves open what is not refused again', async () => {
    assert.deepEqual(await gaps([...hourly(7, 10), ['10:30', 'admitted']]), ['prod-east admitted 10:00 '])
  })

  it('names a cluster that went silent, and one that was silent for a while', async () => {
    assert.deepEqual(await gaps([...hourly(7, 9), ...hourly(7, 8, 'prod-west'), ...hourly(11, 11, 'prod-west')]), [
      'prod-east silent 09:00 ',
      'prod-west silent 08:00 11:00',
    ])
  })

  it('begins with the first word where nothing was refused before', async () => {
    assert.deepEqual(await gaps([['09:10', 'admitted'], ...hourly(10, 11)]), ['prod-east admitted 09:10 10:00'])
  })

  it('lists what reaches into the period, and nothing that ended before', async () => {
    assert.deepEqual(
      await gaps([
        ['05:00', 'refused'],
        ['05:10', 'admitted'],
        ['05:20', 'refused'],
        ['06:00', 'refused'],
        ['07:30', 'refused'],
        ['08:30', 'refused'],
        ...hourly(9, 11),
      ]),
      [],
    )
    assert.deepEqual(await gaps([['07:30', 'refused'], ['07:40', 'admitted'], ['08:10', 'refused'], ...hourly(9, 11)]), ['prod-east admitted 07:30 08:10'])
  })

  it('names a cluster whose provider started and whose canary never reported', async () => {
    const {store, writer} = await canaries([])
    await writer.write(
      'enforcement',
      {cluster: 'prod-east', replica: '0', policy: hex('p'), exempt: [], rollout: [], log: 'volume'},
      {at: `${DAY}T09:00:00.000Z`},
    )
    const result = await ask(store, 'enforcement-gaps', PERIOD)
    assert.deepEqual(pick(result, 'cluster', 'gap', 'ends'), [['prod-east', 'never', null]])
    assert.equal(result.exitCode, 1)
  })

  it('is no answer where no cluster has reported', async () => {
    const {store, writer} = await canaries([])
    await writer.write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0})
    const result = await ask(store, 'enforcement-gaps', PERIOD)
    assert.deepEqual([result.exitCode, gapCodes(result)], [6, ['record.not-found']])
  })
})
