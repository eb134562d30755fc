/** Breaking the glass, from the signature to the second person. Synthetic images, keys and people. */
import assert from 'node:assert/strict'
import type {BreakGlassRequest, BreakGlassResult} from '../../../../src/lib/actions/break-glass/break-glass.ts'
import {findExemption} from '../../../../src/lib/actions/admission/find-exemption.ts'
import {exemptionUses, exemptImages} from '../../../../src/lib/actions/admission/exempt-images.ts'
import {findGround} from '../../../../src/lib/actions/admission/find-ground.ts'
import {judgePlace} from '../../../../src/lib/actions/admission/judge-pod-image.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {ago, revocationsOf} from '../../../fakes/statements.ts'
import {NOW, pinOf} from '../../../fakes/verdict-context.ts'
import {glassWorld, REVOKER, type GlassSetting, type GlassWorld} from './glass-world.ts'

let world: GlassWorld
beforeEach(async () => (world = await glassWorld()))

const PLACE = {cluster: 'prod-east', namespace: 'patient-api', reason: 'hotfix', incident: 'INC-7'}
const DOWN = {cluster: 'prod-east', reason: 'provider-down', incident: 'INC-8', providerDown: true}
const HOURS = 3_600_000

async function exempt(more: Partial<BreakGlassRequest> = {}, setting: GlassSetting = {who: 'ann'}) {
  const result = await world.run({image: world.image, ...PLACE, lasts: 4 * HOURS, key: 'file:/policy/keys/ann.key', ...more}, setting)
  if (result.what !== 'exemption') throw new Error(result.what)
  return result
}

async function list(hours = 0) {
  const result = await world.run({list: true}, {hours})
  if (result.what !== 'list') throw new Error(result.what)
  return result
}

const review = async (record: string | undefined, by: string, setting: GlassSetting = {}): Promise<BreakGlassResult> =>
  world.run({review: record ?? '', by}, setting)

/** As a provider does it, some hours from now. */
async function letIn(hours: number): Promise<boolean> {
  const context = world.context({hours})
  const ground = await findGround('prod-east', 'patient-api', context)
  const refused = await judgePlace({image: world.image, path: 'spec.containers[0]', unchanged: false}, ground, context.now(), context)
  const images = await exemptImages([refused], async (one) =>
    findExemption(one, {cluster: 'prod-east', namespace: 'patient-api'}, ground, context.now(), context),
  )
  const asked = {ask: {namespace: 'patient-api', dryRun: false}, cluster: 'prod-east', mode: 'enforce' as const}
  await (await context.recorder()).writeAll(exemptionUses(images, asked, 'production'))
  return images.every(({allowed}) => allowed)
}

describe('breakGlass', () => {
  describe('an exemption', () => {
    it('is signed, attached and opened, and lets the image in for its time', async () => {
      const result = await exempt()
      assert.deepEqual([result.exitCode, result.person, result.attached], [0, 'ann', true])
      const [record, ...others] = await world.glass()
      assert.deepEqual([record?.id, record?.subject, record?.data.environment, others], [result.record, world.image, 'production', []])
      assert.deepEqual(record?.data.detail, {
        action: 'open',
        kind: 'exemption',
        ...PLACE,
        digest: world.digest,
        from: NOW.toISOString(),
        expires: ago(-4),
        statement: result.statement,
      })
      assert.deepEqual([await letIn(-0.01), await letIn(0), await letIn(3.99), await letIn(4)], [false, true, true, false])
    })

    it('is the same one when asked for again, and another one for another incident', async () => {
      const [first, second] = [await exempt(), await exempt({}, {who: 'ann', hours: 1})]
      assert.deepEqual([second.attached, second.record, second.expires], [false, first.record, first.expires])
      assert.equal((await exempt({incident: 'INC-9'})).attached, true)
      assert.equal((await exempt({}, {hours: 5})).attached, true)
      assert.equal((await world.glass()).length, 3)
    })

    it('writes the record that an interrupted run did not', async () => {
      await exempt({}, {record: false})
      assert.deepEqual(await world.glass(), [])
      assert.deepEqual([(await exempt()).attached, (await world.glass()).length], [false, 1])
    })

    it('is refused where it would not count, and attaches nothing then', async () => {
      const revocations = {from: 'https://lists.example/r.json', key: pinOf(REVOKER)}
      const documents = {'https://lists.example/r.json': REVOKER.bundle(revocationsOf([{digest: world.digest}]))}
      const cases: readonly (readonly [string, Partial<BreakGlassRequest>, GlassSetting, string])[] = [
        ['a stranger', {key: 'file:/policy/keys/stranger.key'}, {}, 'break-glass.not-named'],
        ['too long', {lasts: 8 * HOURS + 1}, {}, 'usage.flag'],
        ['nobody may', {}, {policy: {admission: {}}}, 'policy.invalid'],
        ['a tag', {image: world.image.replace(/@.*/, ':latest')}, {}, 'usage.tag'],
        ['a revoked image', {}, {policy: {revocations}, documents}, 'image.revoked'],
        ['no list', {}, {policy: {revocations}}, 'revocation.unreachable'],
        ['a sentence', {reason: 'it has to run'}, {}, 'usage.flag'],
        ['a pattern', {namespace: 'patient-*'}, {}, 'usage.flag'],
        ['no key', {key: undefined}, {}, 'usage.flag'],
        ['no end', {lasts: undefined}, {}, 'usage.flag'],
      ]
      for (const [what, more, setting, code] of cases) await assert.rejects(exempt(more, setting), {code}, what)
      assert.deepEqual([(await world.store.referrers(world.digest)).length, await world.glass()], [0, []])
    })
  })

  describe('its review', () => {
    it('is by another person, and closes it', async () => {
      const {record} = await exempt()
      await assert.rejects(review(record, 'ann'), {code: 'break-glass.own-review', exitCode: 1})
      await assert.rejects(review(record, 'mallory'), {code: 'break-glass.unknown-person'})
      await assert.rejects(review(record, 'bob', {who: 'ann'}), {code: 'usage.flag', message: /this is ann/})
      await assert.rejects(review('01JXS899999999999999999999', 'bob'), {code: 'usage.flag'})
      const [first, second] = [await review(record, 'bob', {who: 'bob'}), await review(record, 'bob')]
      assert.ok(first.what === 'review' && second.what === 'review')
      assert.deepEqual([first.of, first.changed, second.changed, second.record], [['ann'], true, false, first.record])
      const written = (await world.glass()).filter(({data}) => data.detail.action === 'review')
      assert.deepEqual(
        written.map(({data: {detail}}) => [detail.of, detail.reviewer, detail.statement]),
        [[record, 'bob', (await world.glass())[0]?.data.detail.statement]],
      )
    })

    it('is not by whoever recorded what somebody else had signed', async () => {
      const {record} = await exempt({}, {who: 'bob'})
      await assert.rejects(review(record, 'bob'), {code: 'break-glass.own-review'})
      assert.equal((await review(record, 'carol')).what, 'review')
    })

    it('is by nobody where it is not known who is who', async () => {
      const {record} = await exempt()
      await assert.rejects(review(record, 'bob', {policy: {identities: undefined}}), {code: 'policy.invalid'})
      const strangers = JSON.stringify({version: 1, persons: [{person: 'bob', principals: [{issuer: 'x', id: 'y'}]}]})
      await assert.rejects(review(record, 'bob', {files: {'who.yaml': strangers}}), {code: 'break-glass.unknown-person', message: /ann/})
      const down = await world.run(DOWN)
      assert.ok(down.what === 'provider-down')
      await assert.rejects(review(down.record, 'bob'), {code: 'break-glass.unknown-person', message: /names nobody/})
    })

    it('does not cover what is let in after it', async () => {
      const {record} = await exempt()
      assert.equal(await letIn(1), true)
      await review(record, 'bob', {hours: 2})
      assert.deepEqual((await list(30)).overdue, [])
      assert.equal(await letIn(3), true)
      const {glass, exitCode, overdue} = await list(30)
      assert.deepEqual([glass.map(({uses, openSince}) => [uses, openSince]), exitCode, overdue], [[[2, ago(-3)]], 1, [record]])
    })
  })

  describe('the list', () => {
    it('is in order for a day, and then ends with exit code 1 until somebody has looked', async () => {
      assert.deepEqual([(await list()).exitCode, (await list()).glass], [0, []])
      const {record} = await exempt()
      assert.deepEqual([(await list(24)).exitCode, (await list(24.001)).exitCode, (await list(24.001)).overdue], [0, 1, [record]])
      await review(record, 'carol')
      assert.equal((await list(48)).exitCode, 0)
    })

    it('shows an exemption that went round the command by its first use, and who signed it can be told', async () => {
      await exempt({}, {record: false})
      assert.equal(await letIn(1), true)
      const [use, ...others] = (await list(26)).glass
      assert.deepEqual([use?.opened, use?.uses, others, (await list(26)).exitCode], [false, 1, [], 1])
      await assert.rejects(review(use?.record, 'ann'), {code: 'break-glass.own-review'})
      await review(use?.record, 'bob', {hours: 2})
      assert.equal((await list(48)).exitCode, 0)
    })

    it('is none where a record of it was changed', async () => {
      await exempt()
      const broken = {...world.evidence, get: async () => Buffer.from('x')}
      await assert.rejects(world.run({list: true}, {evidence: broken}), {code: 'record.altered', exitCode: 5})
    })
  })

  describe('with the provider down', () => {
    it('gives the step and its undo, opens the record once, and its time is bounded', async () => {
      const [first, second] = [await world.run(DOWN, {who: 'ann'}), await world.run(DOWN, {who: 'ann', hours: 1})]
      assert.ok(first.what === 'provider-down' && second.what === 'provider-down')
      assert.match(first.step ?? '', /^kubectl patch validatingwebhookconfiguration hipaa-ci-images /)
      assert.match(first.undo ?? '', /"remove"/)
      assert.deepEqual([first.exitCode, first.expires, second.record], [0, ago(-8), first.record])
      const [record, ...others] = await world.glass()
      assert.deepEqual([record?.data.detail.kind, record?.data.detail.namespace, record?.data.outcome, others], ['provider-down', undefined, 'warn', []])
      await assert.rejects(world.run({...DOWN, lasts: 9 * HOURS}), {code: 'usage.flag'})
      await assert.rejects(review(first.record, 'ann'), {code: 'break-glass.own-review'})
      await review(first.record, 'bob')
      assert.equal((await list(48)).exitCode, 0)
    })

    it('gives the step also where the store is out of reach, and says how to record it afterwards', async () => {
      const dead = async () => Promise.reject(new AppError('store.unreachable', 'nobody answers'))
      const result = await world.run(DOWN, {evidence: {...world.evidence, put: dead, get: dead}})
      assert.ok(result.what === 'provider-down')
      assert.deepEqual([result.exitCode, result.record, result.step === undefined], [4, undefined, false])
      assert.match(result.unrecorded?.fix ?? '', /--provider-down '--cluster' 'prod-east' .* '--from' '2026-06-15T12:00:00.000Z' '--until' TIME$/)
    })

    it('is recorded afterwards once, and takes the place of what was opened for the incident', async () => {
      const opened = await world.run(DOWN, {who: 'ann'})
      const past = {...DOWN, from: new Date(ago(0)), until: new Date(ago(-1))}
      const [first, second] = [await world.run(past, {hours: 2, who: 'ann'}), await world.run(past, {hours: 3, who: 'ann'})]
      assert.ok(opened.what === 'provider-down' && first.what === 'provider-down' && second.what === 'provider-down')
      assert.deepEqual([first.step, first.exitCode, second.record], [undefined, 0, first.record])
      assert.equal((await world.glass())[1]?.data.detail.of, opened.record)
      assert.deepEqual(
        (await list(3)).glass.map(({record, expires}) => [record, expires]),
        [[first.record, ago(-1)]],
      )
    })

    it('refuses a window that is none', async () => {
      const [early, late] = [new Date(ago(2)), new Date(ago(1))]
      for (const window of [
        {from: early},
        {until: late},
        {from: late, until: early},
        {from: early, until: new Date(ago(-1))},
        {from: early, until: late, lasts: HOURS},
      ])
        await assert.rejects(world.run({...DOWN, ...window}), {code: 'usage.flag'})
      await assert.rejects(world.run({...DOWN, from: early, until: late}, {record: false}), {code: 'usage.flag'})
      assert.deepEqual(await world.glass(), [])
    })
  })

  it('wants one thing at a time', async () => {
    const {image} = world
    for (const request of [
      {},
      {image, ...PLACE},
      {list: true, image},
      {...DOWN, image},
      {providerDown: true},
      {review: 'x'},
      {review: 'x', by: 'bob', cluster: 'y'},
    ])
      await assert.rejects(world.run(request), {code: 'usage.flag'}, JSON.stringify(request))
  })
})
