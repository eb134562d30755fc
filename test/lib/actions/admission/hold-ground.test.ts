/** What a server judges by while the files change under it. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import {revocationsOf} from '../../../fakes/statements.ts'
import {NOW, pinOf} from '../../../fakes/verdict-context.ts'
import {other, production, signer} from './admission-world.ts'
import {answerWorld, MINUTE, type AnswerWorld} from './answer-world.ts'

const HOUR = 60 * MINUTE
const revocations = {from: 'revocations.json', key: pinOf(other)}
const listOf = (issued: number, ...digests: string[]) =>
  other.bundle(
    revocationsOf(
      digests.map((digest) => ({digest})),
      new Date(NOW.getTime() + issued).toISOString(),
    ),
  )
const DIGEST = `sha256:${'7'.repeat(64)}`

/** The ground of the namespace after so much more time: the policy's digest, or the reason for none. */
async function policyOf(world: AnswerWorld, more: number): Promise<string> {
  world.clock.at += more
  const ground = (await world.ground.current()).find('patient-api')
  return ground.policy === undefined ? ground.refuse({image: 'x', path: 'x', unchanged: false}).reasons.join() : ground.policy.digest
}

async function listed(world: AnswerWorld, more: number): Promise<string> {
  world.clock.at += more
  const ground = (await world.ground.current()).find('patient-api')
  if (ground.policy === undefined) return 'no policy'
  const {revocations: list} = ground
  return list === undefined ? 'none' : list.state === 'failed' ? list.reason : `${list.issuedAt.slice(11, 16)} ${list.revoked.size}`
}

describe('holdGround', () => {
  it('reads the policy again every 30 s, and judges by the new one', async () => {
    const world = await answerWorld()
    const [one, digest] = [await policyOf(world, 0), (await world.ground.current()).digest]
    world.configure({environments: {production: {...production, requires: {signature: {keys: [pinOf(other)]}}}}})
    assert.equal(await policyOf(world, 29_999), one)
    assert.notEqual(await policyOf(world, 1), one)
    assert.notEqual((await world.ground.current()).digest, digest)
  })

  it('reads it again, too, where the clock was set back', async () => {
    const world = await answerWorld()
    const one = await policyOf(world, 0)
    world.configure({environments: {production: {...production, requires: {signature: {keys: [pinOf(other)]}}}}})
    assert.notEqual(await policyOf(world, -HOUR), one)
  })

  it('keeps the old one while the new one cannot be read, until that is too old', async () => {
    const world = await answerWorld()
    const one = await policyOf(world, 0)
    world.configure(new AppError('config.invalid', 'line 3 is wrong'))
    assert.equal(await policyOf(world, MINUTE), one)
    assert.deepEqual(world.ground.state().faults, ['line 3 is wrong'])
    assert.equal(world.ground.state().fault, undefined)
    assert.equal(await policyOf(world, HOUR - MINUTE), one)
    assert.equal(await policyOf(world, 1), 'policy.unreadable')
    assert.match(world.ground.state().fault?.message ?? '', /line 3 is wrong/)
    world.configure({})
    assert.equal(await policyOf(world, 30_000), one)
    assert.deepEqual(world.ground.state().faults, [])
    assert.deepEqual(world.notes, ['the policy cannot be read again: line 3 is wrong', 'the policy can be read again'])
  })

  it('takes a new policy as a whole or not at all: one of its keys is not there', async () => {
    const world = await answerWorld()
    const one = await policyOf(world, 0)
    world.configure({environments: {production: {...production, requires: {signature: {keys: [{...pinOf(signer), file: 'gone.pub'}]}}}}})
    assert.equal(await policyOf(world, MINUTE), one)
    assert.match(world.ground.state().faults.join(), /gone\.pub/)
  })

  it('judges nothing where the first one cannot be read', async () => {
    const world = await answerWorld({
      policy: {environments: {production: {...production, requires: {signature: {keys: [{...pinOf(signer), file: 'gone.pub'}]}}}}},
    })
    assert.equal(await policyOf(world, 0), 'key.unreadable')
    assert.equal(world.ground.state().fault?.code, 'key.unreadable')
    assert.equal((await world.ground.current()).policy, undefined)
  })

  it('is not stopped by an environment of another cluster', async () => {
    const away = {...production, match: {clusters: ['test-*'], namespaces: ['**']}, requires: {signature: {keys: [{...pinOf(signer), file: 'gone.pub'}]}}}
    const world = await answerWorld({policy: {environments: {production, away}}})
    assert.match(await policyOf(world, 0), /^[0-9a-f]{64}$/)
  })

  it('reads a key file once for each holding, so that no verdict is under the digest of another policy', async () => {
    const world = await answerWorld()
    const {context} = await world.ground.current()
    const path = `/policy/keys/${signer.spki}.pub`
    const before = Buffer.from(await context.files.read(path)).toString()
    world.files.set(`keys/${signer.spki}.pub`, Buffer.from('changed'))
    assert.equal(Buffer.from(await context.files.read(path)).toString(), before)
  })
})

describe('holdGround, of revocations', () => {
  const start = async (list: Uint8Array | undefined) => {
    const world = await answerWorld()
    world.files.set('revocations.json', list)
    world.configure({revocations})
    return world
  }

  it('reads the list again, and another list is another ground', async () => {
    const world = await start(listOf(0))
    assert.equal(await listed(world, 30_000), '12:00 0')
    const {digest, policy} = await world.ground.current()
    world.files.set('revocations.json', listOf(MINUTE, DIGEST))
    assert.equal(await listed(world, 29_999), '12:00 0')
    assert.equal(await listed(world, 1), '12:01 1')
    const later = await world.ground.current()
    assert.notEqual(later.digest, digest)
    assert.equal(later.policy, policy, 'under the same policy')
  })

  it('asks an address for it no more often than once a minute, and sooner only where it may not be so old', async () => {
    const from = 'https://policy.example/revocations.json'
    const times = async (age: string) => {
      const world = await start(undefined)
      world.files.set(from, listOf(0))
      world.configure({revocations: {...revocations, from, 'max-age': age}})
      for (let half = 0; half < 4; half += 1) await listed(world, 30_000)
      return world.fetched.length
    }
    assert.deepEqual([await times('24h'), await times('5m')], [2, 4])
  })

  it('keeps the one that it has until that is too old, and says why there is no newer one', async () => {
    const world = await start(listOf(0))
    await listed(world, 30_000)
    world.files.set('revocations.json', undefined)
    assert.equal(await listed(world, 10 * MINUTE), '12:00 0')
    assert.match(world.ground.state().faults.join(), /cannot read/)
    assert.equal(await listed(world, 24 * HOUR), 'revocation.stale')
    world.files.set('revocations.json', listOf(24 * HOUR))
    assert.equal(await listed(world, 30_000), '12:00 0')
    assert.deepEqual(world.ground.state().faults, [])
  })

  it('never goes back to an older list, and believes none from the future', async () => {
    const world = await start(listOf(0, DIGEST))
    await listed(world, 30_000)
    world.files.set('revocations.json', listOf(-HOUR))
    assert.equal(await listed(world, 10 * MINUTE), '12:00 1')
    world.files.set('revocations.json', listOf(12 * HOUR))
    assert.equal(await listed(world, 10 * MINUTE), '12:00 1')
    assert.match(world.ground.state().faults.join(), /from the future/)
    world.files.set('revocations.json', listOf(HOUR))
    assert.equal(await listed(world, HOUR), '13:00 0')
  })

  it('believes no list that another key has signed, and none of the old key once the policy names a new one', async () => {
    const world = await start(listOf(0))
    assert.equal(await listed(world, 30_000), '12:00 0')
    world.files.set('revocations.json', signer.bundle(revocationsOf([])))
    assert.equal(await listed(world, 10 * MINUTE), '12:00 0')
    world.files.set('revocations.json', listOf(0))
    world.configure({revocations: {...revocations, key: pinOf(signer)}})
    assert.equal(await listed(world, MINUTE), 'revocation.unreadable')
  })

  it('cannot check where there never was one', async () => {
    assert.equal(await listed(await start(undefined), 30_000), 'revocation.unreadable')
  })
})
