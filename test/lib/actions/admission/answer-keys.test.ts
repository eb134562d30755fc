/** What Gatekeeper gets for what it asks, and what is recorded of it. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import type {Recorder} from '../../../../src/lib/ports/evidence-store.ts'
import {HOME, home, production} from './admission-world.ts'
import {answerWorld, keyOf, type Reply} from './answer-world.ts'

const value = ({items, systemError}: Reply) => {
  assert.equal(systemError, undefined)
  assert.equal(items?.length, 1)
  return items[0]?.value
}

describe('createAnswerer', () => {
  it('answers a signed image with an allow, its record there before', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const key = keyOf([image], {uid: 'u-1', objectUid: 'o-1', arn: ['arn:aws:iam::1:role/dev'], owners: [{kind: 'ReplicaSet', name: 'web-1'}]})
    const reply = await world.ask(key)
    const [record, ...others] = await world.records()
    assert.deepEqual(others, [])
    assert.equal(reply.items?.[0]?.key, key)
    assert.deepEqual(value(reply), {allowed: true, admit: true, records: [record?.id], message: ''})
    const {mode, uid, object_uid: object, user, arn, verdict} = record?.data.detail ?? assert.fail()
    assert.deepEqual([mode, uid, object, user, arn, verdict], ['enforce', 'u-1', 'o-1', 'ada@example.com', 'arn:aws:iam::1:role/dev', 'verified'])
  })

  it('refuses one that is not, in words that end in what to type', async () => {
    const {store, image} = await home({signed: false})
    const world = await answerWorld({images: {[HOME]: store}})
    const answer = value(await world.ask(keyOf([image])))
    assert.deepEqual([answer?.allowed, answer?.admit, answer?.records.length], [false, false, 1])
    assert.match(answer?.message ?? '', /^patient-api@sha256:[0-9a-f]{12}…: signature\.missing: .*Run: hipaa-ci /)
    assert.ok(answer?.message.endsWith(`Run: hipaa-ci verify ${image} --environment production`))
  })

  it('refuses a tag and a place that no environment matches, recorded', async () => {
    const world = await answerWorld()
    assert.match(value(await world.ask(keyOf([`${HOME}:latest`])))?.message ?? '', /policy\.tag/)
    assert.match(value(await world.ask(keyOf([`${HOME}:latest`], {ns: 'elsewhere'})))?.message ?? '', /policy\.no-environment/)
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.reasons),
      [['policy.tag'], ['policy.no-environment']],
    )
  })

  it('refuses a pod for one image of many, and records each', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const answer = value(await world.ask(keyOf([image, 'web:latest'])))
    assert.deepEqual([answer?.allowed, answer?.records.length], [false, 2])
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.verdict),
      ['verified', 'failed'],
    )
  })

  it('judges nothing of an update that keeps its images', async () => {
    const world = await answerWorld()
    const answer = value(await world.ask(keyOf(['web:latest'], {op: 'UPDATE', old: ['web:latest']})))
    assert.deepEqual(answer, {allowed: true, admit: true, records: [], message: ''})
    assert.deepEqual(await world.records(), [])
  })

  it('only warns where a rollout says so, until its day', async () => {
    const policy = {admission: {rollout: [{namespaces: ['patient-api'], 'enforce-on': '2026-06-16'}]}}
    const world = await answerWorld({policy})
    const ask = async () => value(await world.ask(keyOf(['web:latest'])))
    assert.deepEqual([(await ask())?.allowed, (await ask())?.admit], [false, true])
    world.clock.at = Date.parse('2026-06-16T00:00:00.000Z')
    assert.equal((await ask())?.admit, false)
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.mode),
      ['warn', 'warn', 'enforce'],
    )
    assert.deepEqual(
      world.answered.map(({outcome}) => outcome),
      ['warned', 'warned', 'refused'],
    )
  })

  it('keeps nothing out by advice and in an audit, and says what it is', async () => {
    const world = await answerWorld()
    for (const mode of ['advice', 'audit']) {
      const answer = value(await world.ask(keyOf(['web:latest'], {mode, kind: mode === 'advice' ? 'Deployment' : 'Pod'})))
      assert.deepEqual([answer?.allowed, answer?.admit], [false, true])
    }
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.mode),
      ['advice', 'audit'],
    )
  })

  it('answers the same key once: one verdict, the same records, whoever asks again', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const key = keyOf([image])
    const [one, two] = await Promise.all([world.ask(key), world.ask(key)])
    const three = await world.ask(key)
    assert.deepEqual([two, three], [one, one])
    assert.equal((await world.records()).length, 1)
  })

  it('records an audit once a day for each key, and again where something else comes of it', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const key = keyOf([image], {mode: 'audit'})
    const first = value(await world.ask(key))
    world.clock.at += 3_600_000
    assert.deepEqual(value(await world.ask(key)), first)
    assert.equal((await world.records()).length, 1)
    world.configure({environments: {production: {...production, repository: 'registry.example/other'}}})
    world.clock.at += 60_000
    assert.equal(value(await world.ask(key))?.allowed, false)
    assert.equal((await world.records()).length, 2)
    world.clock.at += 24 * 3_600_000
    await world.ask(key)
    assert.equal((await world.records()).length, 3)
  })

  it('never answers what could not be checked with a verdict, records it, and asks anew', async () => {
    const {store, image} = await home()
    const world = await answerWorld()
    const key = keyOf([image])
    const reply = await world.ask(key)
    assert.equal(reply.items, undefined)
    assert.match(reply.systemError ?? '', /^patient-api@sha256:[0-9a-f]{12}…: registry\.unreachable: .+ Check the address/)
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.verdict),
      ['could-not-check'],
    )
    world.images.set(HOME, store)
    assert.equal(value(await world.ask(key))?.allowed, true)
  })

  it('does not let one warn through what could not be checked', async () => {
    const policy = {admission: {rollout: [{namespaces: ['**'], 'enforce-on': '2027-01-01'}]}}
    const {image} = await home()
    assert.match((await (await answerWorld({policy})).ask(keyOf([image]))).systemError ?? '', /registry\.unreachable/)
  })

  it('gives no verdict without a record: no allow, no refusal, and no warning that lets in', async () => {
    const broken = (recorder: Recorder): Recorder => ({
      ...recorder,
      writeAll: async () => Promise.reject(new AppError('admission.log-full', 'the log is full')),
    })
    const {store, image} = await home()
    const policy = {admission: {rollout: [{namespaces: ['**'], 'enforce-on': '2027-01-01'}]}}
    for (const given of [{}, {policy}]) {
      const world = await answerWorld({...given, images: {[HOME]: store}, recording: broken})
      for (const name of [image, 'web:latest']) assert.match((await world.ask(keyOf([name]))).systemError ?? '', /record\.not-written/)
    }
  })

  it('answers many keys together, and none of them where one cannot be answered', async () => {
    const {store, image} = await home()
    const world = await answerWorld({images: {[HOME]: store}})
    const keys = [keyOf([image]), keyOf(['web:latest'])]
    assert.deepEqual(
      (await world.ask(...keys)).items?.map(({key, value: {allowed}}) => [key, allowed]),
      [
        [keys[0], true],
        [keys[1], false],
      ],
    )
    assert.match((await world.ask(keyOf([image]), 'nonsense')).systemError ?? '', /admission\.key/)
  })

  it('never throws, whatever it is sent', async () => {
    const world = await answerWorld()
    for (const body of ['', '{', 'null', '{"kind":"ProviderRequest"}', '\u0000\uFFFF'])
      assert.match((await world.raw(body)).systemError ?? '', /^admission\.key: .*hipaa-ci admission install$/)
    for (const key of ['', '{}', keyOf([]), keyOf(['a'], {uid: ''}), keyOf(['a'], {ns: '../x'})])
      assert.match((await world.ask(key)).systemError ?? '', /^admission\.key: /)
    assert.deepEqual(await world.records(), [])
  })

  it('takes a fault of ours for a denial, and records it', async () => {
    const {image} = await home()
    const world = await answerWorld()
    world.images.set(HOME, {
      get resolve(): never {
        throw new TypeError('x is not a function')
      },
    } as never)
    assert.match((await world.ask(keyOf([image]))).systemError ?? '', /: bug: /)
    assert.deepEqual(
      (await world.records()).map(({data}) => data.detail.reasons),
      [['bug']],
    )
  })
})
