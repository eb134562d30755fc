import assert from 'node:assert/strict'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes, pick} from './ask.ts'

const DAY = '2026-03-02'
const PERIOD = {from: `${DAY}T08:00:00Z`, to: `${DAY}T12:00:00Z`}

type Answer = 'refused' | 'warned' | 'admitted' | 'unknown'

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

  it('finds none where a canary is rightly warned about, and lets a warning end a window', async () => {
    const warned = hourly(7, 11).map(([time]): [string, Answer] => [time, 'warned'])
    assert.deepEqual(await gaps(warned), [])
    assert.deepEqual(await gaps([...warned.slice(0, 2), ['08:20', 'admitted'], ...warned.slice(2)]), ['prod-east admitted 08:00 09:00'])
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

  it('has one row for what a canary and the audit log of the cluster saw, with who did it', async () => {
    const {store, writer} = await canaries([...hourly(7, 8), ['08:20', 'admitted'], ['08:30', 'refused'], ...hourly(9, 11)])
    const what = 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci'
    const change = {side: 'source', reason: 'enforcement-changed', what}
    const differences = [
      {...change, open: false, time: `${DAY}T08:25:00Z`, user: 'ann', verb: 'create'},
      {...change, open: true, time: `${DAY}T08:10:00.5Z`, user: 'eve', arn: 'arn:aws:iam::111122223333:role/admin', verb: 'delete'},
      {...change, reason: 'enforcement-attempt', open: false, time: `${DAY}T08:05:00Z`, user: 'eve', verb: 'delete'},
    ]
    await compared(writer, 'audit-log', {differences, requests: []})
    const result = await ask(store, 'enforcement-gaps', PERIOD)
    assert.deepEqual(pick(result, 'gap', 'begins', 'ends', 'what', 'by', 'seen_by', 'done_at'), [
      ['admitted', `${DAY}T08:00:00.000Z`, `${DAY}T08:30:00.000Z`, `delete ${what}`, 'eve', 'audit-log, canary', `${DAY}T08:10:00.500Z`],
    ])
    assert.deepEqual(pick(result, 'aws_identity'), [['arn:aws:iam::111122223333:role/admin']])
    assert.equal(result.exitCode, 1)
  })

  it('lists what runs unverified, by each source that found it', async () => {
    const {store, writer} = await canaries(hourly(7, 11))
    const pod = {side: 'source', reason: 'unverified-workload', what: 'web/a', open: true, time: `${DAY}T09:00:00Z`, uid: 'u1', causes: ['unknown']}
    await compared(writer, 'cluster', {differences: [pod, {...pod, what: 'kube-system/dns', uid: 'u2', open: false}]})
    await compared(writer, 'audit-log', {differences: [{...pod, user: 'eve', verb: 'create'}]})
    const result = await ask(store, 'enforcement-gaps', PERIOD)
    assert.deepEqual(pick(result, 'gap', 'what', 'ends', 'seen_by', 'reason'), [['unverified', 'web/a', null, 'audit-log, cluster', 'unverified-workload']])
  })

  it('tells when the provider was taken out of the way, as it was said last', async () => {
    const {store, writer} = await canaries(hourly(7, 11))
    const glass = {action: 'open' as const, kind: 'provider-down' as const, cluster: 'prod-east', reason: 'outage', incident: 'INC-8'}
    const {record} = await writer.write('break-glass', {...glass, from: `${DAY}T08:10:00.000Z`, expires: `${DAY}T12:10:00.000Z`}, {at: `${DAY}T08:10:00.000Z`})
    await writer.write('break-glass', {...glass, from: `${DAY}T08:10:00.000Z`, expires: `${DAY}T08:40:00.000Z`, of: record.id}, {at: `${DAY}T08:41:00.000Z`})
    const result = await ask(store, 'enforcement-gaps', PERIOD)
    assert.deepEqual(pick(result, 'gap', 'begins', 'ends', 'what', 'by'), [
      ['broken-glass', `${DAY}T08:10:00.000Z`, `${DAY}T08:40:00.000Z`, 'provider out of the way, INC-8', 'jo'],
    ])
  })
})

async function compared(writer: EvidenceWriter, source: 'cluster' | 'audit-log', blob: object): Promise<void> {
  const window = {from: `${DAY}T07:00:00.000Z`, to: `${DAY}T11:00:00.000Z`}
  await writer.write(
    'reconciliation',
    {source, cluster: 'prod-east', window, both: 0, only_source: 1, only_evidence: 0, first: []},
    {at: '2026-03-09T08:00:00.000Z', blobs: {'differences.json': Buffer.from(JSON.stringify(blob))}},
  )
}
