/** Requests that cannot be judged: refused, and each leaves one record of bounded size. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import {home, HOME} from './admission-world.ts'
import {answerWorld, keyOf} from './answer-world.ts'

const many = (count: number) => Array.from({length: count}, (_, at) => `web:${at}`)

describe('a request that cannot be judged', () => {
  it('is refused, and recorded with who asked for what, where', async () => {
    const world = await answerWorld()
    const key = keyOf(many(257), {uid: 'u-1', objectUid: 'o-1', owners: [{kind: 'ReplicaSet', name: 'web-1'}]})
    assert.match((await world.ask(key)).systemError ?? '', /^admission\.key: .*images: /)
    const [record, ...others] = await world.records()
    assert.deepEqual(others, [])
    assert.deepEqual([record?.subject, record?.data.environment, record?.data.outcome], ['urn:hipaa-ci:admission:u-1', 'production', 'error'])
    assert.deepEqual(record?.data.detail, {
      cluster: 'prod-east',
      uid: 'u-1',
      user: 'ada@example.com',
      groups: ['engineers'],
      namespace: 'patient-api',
      kind: 'Pod',
      name: 'web',
      owner_chain: [{kind: 'ReplicaSet', name: 'web-1'}],
      operation: 'CREATE',
      dry_run: false,
      mode: 'enforce',
      image: '(more than 256 images)',
      path: 'spec',
      signatures_tried: [],
      verdict: 'could-not-check',
      reasons: ['admission.key'],
      object_uid: 'o-1',
    })
    assert.deepEqual(
      world.answered.map(({mode, outcome, reasons, namespace}) => [mode, outcome, reasons, namespace]),
      [['admission', 'could-not-check', ['admission.key'], 'patient-api']],
    )
  })

  it('is refused where a refusal only warns, and recorded so', async () => {
    const world = await answerWorld({policy: {admission: {rollout: [{namespaces: ['**'], 'enforce-on': '2027-01-01'}]}}})
    assert.match((await world.ask(keyOf([]))).systemError ?? '', /names no image/)
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.mode),
      ['enforce'],
    )
  })

  it('leaves one record, however often the same is asked, and one a day of an audit', async () => {
    const world = await answerWorld()
    const keys = [keyOf([]), keyOf([], {mode: 'audit'}), keyOf([], {mode: 'advice', kind: 'Deployment'})]
    for (const key of [...keys, ...keys]) await world.ask(key)
    world.clock.at += 3_600_000
    for (const key of keys.slice(1, 2)) await world.ask(key)
    assert.deepEqual(
      (await world.records()).map(({data}) => [data.detail.mode, data.detail.kind]),
      [
        ['enforce', 'Pod'],
        ['audit', 'Pod'],
        ['advice', 'Deployment'],
      ],
    )
  })

  it('cannot make its record large', async () => {
    const world = await answerWorld()
    const long = '"\u0000<\u{1F600}'.repeat(400)
    const owners = Array.from({length: 200}, () => ({kind: long, name: long}))
    const hostile = {
      user: long,
      arn: [long],
      groups: Array.from({length: 11_000}, (_, at) => `group-${at}`),
      kind: long,
      name: long,
      objectUid: long,
    }
    await world.ask(keyOf([], {...hostile, owners}))
    const [record] = await world.records()
    const {groups, owner_chain: chain, user} = record?.data.detail ?? assert.fail('nothing was recorded')
    assert.ok(Buffer.byteLength(JSON.stringify(record)) < 256 * 1024)
    assert.deepEqual([groups.length, groups.at(-1), chain.length, user.length], [64, '(and 10937 more)', 16, 256])
  })

  it('is refused where no record can be written, and tried again', async () => {
    let full = true
    const world = await answerWorld({
      recording: (recorder) => ({
        ...recorder,
        writeAll: async (inputs) => (full ? Promise.reject(new AppError('admission.log-full', 'the log is full')) : recorder.writeAll(inputs)),
      }),
    })
    const key = keyOf([])
    assert.match((await world.ask(key)).systemError ?? '', /names no image/)
    assert.deepEqual(world.notes, ['not recorded: the log is full', 'not judged: the key of a request cannot be judged: images: the pod names no image'])
    full = false
    await world.ask(key)
    assert.equal((await world.records()).length, 1)
  })

  it('keeps no other of the same call from being recorded', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    assert.match((await world.ask(keyOf([image]), keyOf([]))).systemError ?? '', /^admission\.key/)
    assert.deepEqual((await world.records()).map(({data}) => data.detail.verdict).toSorted(), ['could-not-check', 'verified'])
  })

  it('is not what somebody in thousands of groups asks: the first are recorded, and how many more', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const {items} = await world.ask(keyOf([image], {groups: Array.from({length: 3_000}, (_, at) => `group-${at}`)}))
    assert.equal(items?.[0]?.value.allowed, true)
    const [record] = await world.records()
    assert.deepEqual(record?.data.detail.groups.slice(-2), ['group-62', '(and 2937 more)'])
  })
})
