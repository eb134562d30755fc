/** Revoking, taking it back, and the list that is signed of it. Cosign signs in `test/e2e/revocations.test.ts`. */
import assert from 'node:assert/strict'
import {noteOtherKey} from '../../../../src/lib/actions/revoke/note-readers.ts'
import {publishRevocations} from '../../../../src/lib/actions/revoke/publish-revocations.ts'
import {replayRevocations} from '../../../../src/lib/actions/revoke/replay-revocations.ts'
import {revokeImage, type RevokeRequest} from '../../../../src/lib/actions/revoke/revoke-image.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {revocationsOf} from '../../../fakes/statements.ts'
import {NOW, pinOf, verdictContext} from '../../../fakes/verdict-context.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const NAME = 'registry.example/team/app'

describe('revokeImage', () => {
  let store: MemoryStore
  let world: ReturnType<typeof verdictContext>
  beforeEach(() => {
    store = memoryStore()
    world = verdictContext({images: {}, evidence: store})
  })

  const revoke = async (request: Partial<RevokeRequest> = {}, context = world) =>
    revokeImage({image: DIGEST, reinstate: false, ...(request.reinstate !== true && {reason: 'malicious'}), ...request}, context)
  const details = async () => (await world.records()).map((record) => (record as RecordOf<'revocation'>).data.detail)
  const code = async (work: Promise<unknown>) => {
    const outcome: unknown = await work.catch((error: unknown) => error)
    return outcome instanceof AppError ? outcome.code : 'none'
  }

  it('records it by digest, alone or with its name', async () => {
    const {changed, record, digest, repository} = await revoke({image: `${NAME}@${DIGEST}`})
    assert.deepEqual([changed, digest, repository], [true, DIGEST, NAME])
    assert.deepEqual(await details(), [{action: 'revoke', what: DIGEST, reason: 'malicious', since: NOW.toISOString()}])
    const [written] = await world.records()
    assert.deepEqual([written?.id, written?.subject], [record, `${NAME}@${DIGEST}`])
    await revoke({image: `sha256:${'b'.repeat(64)}`})
    assert.equal((await world.records())[1]?.subject, `urn:hipaa-ci:image:sha256:${'b'.repeat(64)}`)
  })

  it('writes nothing where the newest record already says so, and the new word where it does not', async () => {
    const first = await revoke()
    const again = await revoke({image: `${NAME}@${DIGEST}`})
    assert.deepEqual([again.changed, again.record], [false, first.record])
    assert.equal((await revoke({reason: 'vulnerable'})).changed, true)
    assert.equal((await revoke({reason: 'vulnerable', since: new Date('2026-01-01')})).changed, true)
    assert.equal((await revoke({reason: 'vulnerable', since: new Date('2026-01-01')})).changed, false)
    assert.equal((await details()).length, 3)
  })

  it('lets nothing run that was revoked already: a later day needs the revocation taken back', async () => {
    await revoke({since: new Date('2026-03-01')})
    assert.equal(await code(revoke({since: new Date('2030-01-01')})), 'usage.flag')
    const {since} = await revoke({reason: 'vulnerable'})
    assert.equal(since, '2026-03-01T00:00:00.000Z')
    assert.equal((await revoke({reinstate: true})).changed, true)
    assert.equal((await revoke({since: new Date('2030-01-01')})).since, '2030-01-01T00:00:00.000Z')
  })

  it('says so where a record of a clock that is ahead stands against it', async () => {
    await revoke()
    const ahead = verdictContext({images: {}, evidence: store, firstId: 1_000})
    assert.equal((await revoke({reinstate: true}, ahead)).changed, true)
    assert.equal(await code(revoke()), 'record.ahead')
    assert.equal((await details()).length, 3)
    assert.equal((await revoke({}, verdictContext({images: {}, evidence: store, firstId: 2_000}))).changed, true)
    assert.equal(await code(revoke({reinstate: true})), 'record.ahead')
  })

  it('takes it back, and once', async () => {
    assert.equal((await revoke({reinstate: true})).changed, false)
    await revoke()
    assert.equal((await revoke({reinstate: true})).changed, true)
    assert.equal((await revoke({reinstate: true})).changed, false)
    assert.equal((await revoke()).changed, true)
    assert.deepEqual(
      (await details()).map(({action}) => action),
      ['revoke', 'reinstate', 'revoke'],
    )
  })

  it('refuses a tag, what is no image, no reason, and both', async () => {
    assert.equal(await code(revoke({image: `${NAME}:1.0`})), 'usage.tag')
    assert.equal(await code(revoke({image: './image'})), 'usage.tag')
    assert.equal(await code(revoke({image: 'sha256:abc'})), 'usage.tag')
    assert.equal(await code(revoke({image: `App@${DIGEST}`})), 'usage.target')
    assert.equal(await code(revokeImage({image: DIGEST, reinstate: false}, world)), 'usage.flag')
    assert.equal(await code(revoke({reinstate: true, reason: 'withdrawn'})), 'usage.flag')
    assert.deepEqual(await details(), [])
  })

  it('refuses to leave no record: there would be no revocation', async () => {
    assert.equal(await code(revoke({}, verdictContext({images: {}, record: false}))), 'usage.flag')
  })

  it('still revokes where older evidence is broken, and takes nothing back there', async () => {
    await revoke({image: `sha256:${'b'.repeat(64)}`})
    const [key = ''] = store.objects.keys()
    store.objects.set(key, Buffer.from('altered'))
    const {changed} = await revoke()
    assert.equal(changed, true)
    assert.match(world.notes.join('\n'), /the evidence is broken/)
    assert.equal(await code(revoke({reinstate: true})), 'record.altered')
  })

  it('revokes by a role that may not read, and another word does not make it younger', async () => {
    const refuse = () => {
      throw new AppError('store.refused', 'the bucket does not let this role list records/v1/revocation/')
    }
    const since = '2026-01-01T00:00:00.000Z'
    await revoke({since: new Date(since)})
    const writer = verdictContext({images: {}, evidence: {...store, get: refuse, list: refuse}, firstId: 1_000})
    assert.equal((await revoke({reason: 'vulnerable'}, writer)).changed, true)
    assert.match(writer.notes.join('\n'), /this role may not read/)
    const reader = verdictContext({images: {}, evidence: store, firstId: 2_000})
    assert.deepEqual((await replayRevocations(store)).get(DIGEST)?.since, since)
    assert.equal((await revoke({reinstate: true}, verdictContext({images: {}, evidence: {...store, get: refuse, list: refuse}, firstId: 3_000}))).changed, true)
    assert.equal((await revoke({reinstate: true}, reader)).changed, false)
    assert.deepEqual(await replayRevocations(store), new Map())
  })

  it('publishes nothing that forgets what the list of before knew', async () => {
    const signer = createSigner()
    const record = '01JXS8ZZZZZZZZZZZZZZZZZZZZ'
    const publish = async (listed: readonly {digest: string; record: string}[], from = 'revocations.json') => {
      const files = {'revocations.json': signer.bundle(revocationsOf(listed, '2020-01-01T00:00:00.000Z'))}
      const policy = {revocations: {from, key: pinOf(signer)}}
      const write = () => assert.fail('nothing may be written')
      return code(publishRevocations({write}, verdictContext({policy, images: {}, evidence: store, keys: [signer], files})))
    }
    const {record: known = ''} = await revoke()
    assert.equal(await publish([{digest: DIGEST, record}]), 'record.vanished')
    await revoke({reinstate: true})
    assert.equal(await publish([{digest: DIGEST, record: known}]), 'key.missing')
    assert.equal(await publish([{digest: DIGEST, record}], 'not-there.json'), 'key.missing')
  })

  it('says so where nobody who is configured here reads what is revoked', async () => {
    await revoke()
    assert.match(world.notes.join('\n'), /nothing here reads this list yet/)
    const read = verdictContext({policy: {revocations: {from: 'revocations.json', key: pinOf(createSigner())}}, images: {}})
    await revoke({}, read)
    assert.deepEqual(read.notes, [])
  })

  it('says so where verify would refuse the key that signs the list', () => {
    const [signer, other] = [createSigner(), createSigner()]
    const read = verdictContext({policy: {revocations: {from: 'revocations.json', key: pinOf(signer)}}, images: {}})
    noteOtherKey(signer.spki, read)
    assert.deepEqual(read.notes, [])
    noteOtherKey(other.spki, read)
    assert.match(read.notes.join('\n'), /verify will refuse this list/)
  })

  it('publishes nothing out of a stream that is not whole', async () => {
    const publish = async () => code(publishRevocations({write: () => assert.fail('nothing may be written')}, world))
    await revoke()
    const [key = ''] = store.objects.keys()
    const bytes = store.objects.get(key) ?? new Uint8Array()
    store.objects.set(key, Buffer.from('altered'))
    assert.equal(await publish(), 'record.altered')
    store.objects.set(key, bytes)
    store.objects.set('records/v1/revocation/dt=2026-06-15/note.txt', Buffer.from('x'))
    assert.equal(await publish(), 'record.unknown-object')
    store.objects.delete('records/v1/revocation/dt=2026-06-15/note.txt')
    assert.equal(await publish(), 'key.missing')
  })
})
