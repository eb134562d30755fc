/** Who may review a broken glass, and what proves that it was them. Synthetic images, keys and people. */
import assert from 'node:assert/strict'
import type {BreakGlassRequest, BreakGlassResult} from '../../../../src/lib/actions/break-glass/break-glass.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {DetailOf} from '../../../../src/lib/evidence/schema.ts'
import {Statement} from '../../../../src/lib/evidence/statement.ts'
import {ReviewPredicate} from '../../../../src/lib/predicates/review.ts'
import {verifySignature} from '../../../../src/lib/sigstore/verify-signature.ts'
import {ago} from '../../../fakes/statements.ts'
import {pinOf} from '../../../fakes/verdict-context.ts'
import {ANN, BOB, CAROL, glassWorld, type GlassSetting, type GlassWorld} from './glass-world.ts'

let world: GlassWorld
beforeEach(async () => (world = await glassWorld()))

const PLACE = {cluster: 'prod-east', reason: 'hotfix', incident: 'INC-7'}
const HOURS = 3_600_000
const EXEMPTION = {...PLACE, namespace: 'patient-api', lasts: 4 * HOURS, key: 'file:/policy/keys/ann.key'}

async function opened(request: Partial<BreakGlassRequest>, setting: GlassSetting): Promise<string> {
  const result = await world.run(request, setting)
  if (!('record' in result) || result.record === undefined) throw new Error(result.what)
  return result.record
}

const exempted = async (who = 'ann') => opened({image: world.image, ...EXEMPTION}, {who})
const down = async (setting: GlassSetting) => opened({...PLACE, providerDown: true}, setting)
const word = async (record: string, by: string, setting: GlassSetting = {}) => world.run({review: record, by}, setting)

async function signed(record: string, by: string, setting: GlassSetting = {}): Promise<Extract<BreakGlassResult, {what: 'review'}>> {
  const result = await world.run({review: record, by, key: `file:/policy/keys/${by}.key`}, setting)
  if (result.what !== 'review') throw new Error(result.what)
  return result
}

async function overdue(setting: GlassSetting = {}): Promise<readonly string[]> {
  const result = await world.run({list: true}, {hours: 48, ...setting})
  if (result.what !== 'list') throw new Error(result.what)
  return result.overdue
}

describe('reviewGlass', () => {
  it('counts what the reviewer signed, once, and it verifies from the store alone', async () => {
    const record = await exempted()
    const [first, second] = [await signed(record, 'bob'), await signed(record, 'bob')]
    assert.deepEqual([first.of, first.changed, first.missing, second.changed, second.record], [['ann'], true, 0, false, first.record])
    assert.deepEqual(await overdue(), [])
    const [opening, review] = await world.glass()
    assert.deepEqual([review?.data.detail.of, review?.data.detail.reviewer], [record, 'bob'])
    const [bundle, pem] = await Promise.all((review?.data.blobs ?? []).map(async ({sha256}) => world.evidence.get(blobKey(sha256))))
    const check = verifySignature({form: 'bundle', bytes: bundle ?? Buffer.from('')}, {keys: [{spki: BOB.spki, pem: Buffer.from(pem ?? []).toString()}]})
    assert.ok(check.state === 'verified' && check.content.kind === 'statement')
    assert.equal(sha256Hex(check.content.payload), review?.data.detail.review_statement)
    const statement = Statement.parse(check.content.statement)
    const said = ReviewPredicate.parse(statement.predicate)
    assert.equal(statement.subject[0]?.digest['sha256'], sha256Hex(`${JSON.stringify(opening)}\n`))
    assert.deepEqual([said.record, said.person], [record, 'bob'])
  })

  it('counts a verified identity token, and no name that somebody types', async () => {
    const record = await exempted()
    await assert.rejects(word(record, 'bob'), {code: 'break-glass.unproven', exitCode: 2, message: /nobody is known to act/})
    await assert.rejects(word(record, 'bob', {who: 'bob', basis: 'claimed'}), {code: 'break-glass.unproven', message: /claimed/})
    await assert.rejects(word(record, 'bob', {who: 'mallory'}), {code: 'break-glass.unknown-person', message: /mallory/})
    await assert.rejects(word(record, 'bob', {who: 'carol'}), {code: 'usage.flag', message: /this is carol/})
    assert.deepEqual(await overdue(), [record])
    await word(record, 'bob', {who: 'bob'})
    assert.deepEqual(await overdue(), [])
  })

  it('is never by whoever broke it, nor with a key that is not theirs', async () => {
    const record = await exempted()
    await assert.rejects(signed(record, 'ann'), {code: 'break-glass.own-review', exitCode: 1})
    await assert.rejects(signed(record, 'stranger'), {code: 'break-glass.not-named', message: /ann, bob, carol/})
    await assert.rejects(world.run({review: record, by: 'bob', key: 'file:/policy/keys/ann.key'}), {code: 'usage.flag', message: /the key is of ann/})
    await assert.rejects(signed(record, 'bob', {who: 'ann', basis: 'claimed'}), {code: 'usage.flag', message: /this is ann/})
    await assert.rejects(signed('01JXS899999999999999999999', 'bob'), {code: 'usage.flag'})
    await assert.rejects(signed(record, 'bob', {policy: {admission: {}}}), {code: 'policy.invalid'})
    assert.deepEqual(await overdue(), [record])
  })

  it('is not by whoever recorded what somebody else had signed', async () => {
    const record = await exempted('bob')
    await assert.rejects(signed(record, 'bob'), {code: 'break-glass.own-review'})
    assert.equal((await signed(record, 'carol')).missing, 0)
  })

  it('is by somebody whom `reviewed-by` names, and they may break nothing', async () => {
    assert.equal((await signed(await exempted(), 'carol')).missing, 0)
    const wish = {image: world.image, ...EXEMPTION, incident: 'INC-9', key: 'file:/policy/keys/carol.key'}
    await assert.rejects(world.run(wish, {who: 'carol'}), {code: 'break-glass.not-named'})
  })

  it('by a record that only says so counts for nothing, nor one whose signature is of something else', async () => {
    const [record, other] = [await exempted(), await opened({image: world.image, ...EXEMPTION, incident: 'INC-9'}, {who: 'ann'})]
    await signed(other, 'bob')
    const [opening] = await world.glass()
    const theirs = (await world.glass()).find(({data}) => data.detail.of === other)
    if (opening === undefined || theirs === undefined) throw new Error('nothing was recorded')
    const detail: DetailOf<'break-glass'> = {...opening.data.detail, action: 'review', of: record, reviewer: 'bob'}
    const {subject, data} = opening
    const statement = theirs.data.detail.review_statement ?? ''
    const bytes = await world.evidence.get(blobKey(theirs.data.blobs[0]?.sha256 ?? ''))
    const stolen = {name: 'review.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: bytes ?? Buffer.from(''), exact: true}
    const recorder = await world.context({who: 'ann', hours: 1}).recorder()
    const base = {stream: 'break-glass', subject, environment: data.environment, outcome: 'pass'} as const
    await recorder.write({...base, detail})
    await recorder.write({...base, detail: {...detail, review_statement: statement}})
    await recorder.write({...base, detail: {...detail, review_statement: statement}, blobs: [stolen]})
    assert.deepEqual(await overdue(), [record])
  })

  it('does not count with a key that the policy no longer names', async () => {
    const record = await exempted()
    await signed(record, 'bob')
    const admission = {'break-glass': {by: [{person: 'ann', ...pinOf(ANN)}], 'reviewed-by': [{person: 'carol', ...pinOf(CAROL)}]}}
    assert.deepEqual(await overdue({policy: {admission}}), [record])
  })

  describe('with the provider taken away', () => {
    it('takes one other person where a token says who did it', async () => {
      const record = await down({who: 'ann'})
      await assert.rejects(signed(record, 'ann'), {code: 'break-glass.own-review'})
      assert.equal((await signed(record, 'bob')).missing, 0)
      assert.deepEqual(await overdue(), [])
    })

    it('is closed by two people where nothing proves who did it, none of them the one that was claimed', async () => {
      // Whoever did it may have typed another one's name, and is one of the two at most.
      for (const [setting, barred] of [
        [{who: 'ann', basis: 'claimed'}, 'ann'],
        [{who: 'mallory'}, undefined],
        [{}, undefined],
      ] as const) {
        world = await glassWorld()
        const record = await down(setting)
        const listed = await world.run({list: true})
        assert.deepEqual(listed.what === 'list' && listed.glass.map(({needs}) => needs), [2])
        if (barred !== undefined) await assert.rejects(signed(record, barred), {code: 'break-glass.own-review'})
        const [first, again] = [await signed(record, 'bob'), await signed(record, 'bob')]
        assert.deepEqual([first.missing, again.missing, again.changed, await overdue()], [1, 1, false, [record]])
        assert.deepEqual([(await signed(record, 'carol')).missing, await overdue()], [0, []])
      }
    })

    it('says at once that it takes two, and gives the step all the same', async () => {
      const result = await world.run({...PLACE, providerDown: true}, {who: 'mallory', files: {'who.yaml': '{'}})
      assert.ok(result.what === 'provider-down' && result.step !== undefined)
      assert.deepEqual([result.reviews.needed, /mallory/.test(result.reviews.why ?? '')], [2, true])
    })

    it('is not reviewed by who opened it, where another one wrote down afterwards how long it was', async () => {
      await down({who: 'bob'})
      const past = {...PLACE, providerDown: true, from: new Date(ago(0)), until: new Date(ago(-1))}
      const record = await opened(past, {who: 'ann', hours: 2})
      for (const person of ['ann', 'bob']) await assert.rejects(signed(record, person), {code: 'break-glass.own-review'}, person)
      assert.equal((await signed(record, 'carol')).missing, 0)
    })
  })
})
