import assert from 'node:assert/strict'
import type {DetailOf} from '../../../src/lib/evidence/schema.ts'
import {digestOf, EvidenceWriter, hex, image, REPOSITORY} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, pick} from './ask.ts'

const DAY = '2026-03-02'
const at = (clock: string) => ({at: `${DAY}T${clock}:00.000Z`, subject: image('v1')})
const place = {cluster: 'prod-east', namespace: 'patient-api', digest: digestOf('v1'), reason: 'outage', incident: 'INC-1'} as const
const exemption: DetailOf<'break-glass'> = {
  action: 'open',
  kind: 'exemption',
  ...place,
  from: `${DAY}T08:00:00.000Z`,
  expires: `${DAY}T12:00:00.000Z`,
  statement: hex('s'),
  person: 'ann',
}
const use: DetailOf<'break-glass'> = {...exemption, action: 'use'}
const review = (of: string, reviewer: string): DetailOf<'break-glass'> => ({...exemption, action: 'review', of, reviewer, review_statement: hex(reviewer)})

describe('break-glass', () => {
  let store: ReturnType<typeof memoryStore>
  let writer: EvidenceWriter
  beforeEach(() => {
    store = memoryStore()
    writer = new EvidenceWriter(store)
  })
  const states = async (to: string) =>
    pick(await ask(store, 'break-glass', {to: `${DAY}T${to}:00Z`}), 'state', 'reviewed_by', 'uses').map((row) => row.join(' '))

  it('lists who broke it, why, for what and how long, and how often it was used', async () => {
    await writer.write('break-glass', exemption, at('08:00'))
    await writer.write('break-glass', use, at('08:10'))
    await writer.write('break-glass', use, at('08:20'))
    const result = await ask(store, 'break-glass', {to: `${DAY}T09:00:00Z`})
    assert.deepEqual(
      pick(result, 'who', 'recorded_by', 'reason', 'incident', 'image', 'namespace', 'valid_from', 'expires', 'uses', 'first_use', 'last_use', 'opened'),
      [
        [
          'ann',
          'jo',
          'outage',
          'INC-1',
          `${REPOSITORY}@${digestOf('v1')}`,
          'patient-api',
          exemption.from,
          exemption.expires,
          2,
          at('08:10').at,
          at('08:20').at,
          true,
        ],
      ],
    )
  })

  it('is open while it lasts, overdue when it is over, and reviewed by another person', async () => {
    const {record} = await writer.write('break-glass', exemption, at('08:00'))
    assert.deepEqual([await states('09:00'), await states('12:01')], [['open  0'], ['overdue  0']])
    await writer.write('break-glass', review(record.id, 'bob'), at('13:00'))
    assert.deepEqual(await states('14:00'), ['reviewed bob 0'])
  })

  it('takes no review by whoever signed or recorded it', async () => {
    const {record} = await writer.write('break-glass', exemption, at('08:00'))
    for (const own of ['ann', 'jo']) await writer.write('break-glass', review(record.id, own), at('13:00'))
    assert.deepEqual(await states('14:00'), ['overdue  0'])
  })

  it('takes no review that nobody signed, and two where nothing proves who broke it', async () => {
    const {statement: _, person: __, digest: ___, namespace: ____, ...rest} = exemption
    const {record} = await writer.write('break-glass', {...rest, kind: 'provider-down'}, at('08:00'))
    const {review_statement: _____, ...unsigned} = {...review(record.id, 'bob'), statement: undefined}
    await writer.write('break-glass', review(record.id, 'eve'), at('08:10'))
    await writer.write('break-glass', {...unsigned, statement: hex('s')}, at('08:20'))
    assert.deepEqual(await states('09:00'), ['open eve 0'])
    await writer.write('break-glass', review(record.id, 'bob'), at('08:30'))
    assert.deepEqual(await states('09:00'), ['reviewed eve, bob 0'])
  })

  it('is open again where something was let in after the review', async () => {
    const {record} = await writer.write('break-glass', exemption, at('08:00'))
    await writer.write('break-glass', review(record.id, 'bob'), at('08:30'))
    await writer.write('break-glass', use, at('09:00'))
    assert.deepEqual(await states('10:00'), ['open bob 1'])
  })

  it('lists what was used and never opened, and what was opened better as one', async () => {
    await writer.write('break-glass', use, at('08:10'))
    const {namespace: _, digest: __, ...down} = {...place, action: 'open' as const, kind: 'provider-down' as const, from: `${DAY}T08:30:00.000Z`}
    const {record} = await writer.write('break-glass', {...down, expires: `${DAY}T12:30:00.000Z`}, {at: at('08:30').at})
    await writer.write('break-glass', {...down, expires: `${DAY}T09:00:00.000Z`, of: record.id}, {at: at('09:01').at})
    const result = await ask(store, 'break-glass', {to: `${DAY}T10:00:00Z`})
    assert.deepEqual(pick(result, 'kind', 'opened', 'who', 'expires', 'state'), [
      ['exemption', false, 'ann', exemption.expires, 'open'],
      ['provider-down', true, 'jo', `${DAY}T09:00:00.000Z`, 'overdue'],
    ])
  })
})
