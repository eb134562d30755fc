/** Whether the list counts. What it means for an image is in `policy/checks/revocation.test.ts` and the lie matrix. */
import assert from 'node:assert/strict'
import {readRevocations} from '../../../../src/lib/actions/revoke/read-revocations.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {StatementInput} from '../../../../src/lib/evidence/statement.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {ago, revocationsOf, signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext} from '../../../fakes/verdict-context.ts'

const REVOKED = `sha256:${'a'.repeat(64)}`
const URL = 'https://policy.example/revocations.json'
const signer = createSigner()
const stranger = createSigner()

const good = revocationsOf([{digest: REVOKED}, {digest: `sha256:${'0'.repeat(64)}`}])
const read = async (bytes: Uint8Array | undefined, {from = 'revocations.json', key = pinOf(signer)}: {from?: string; key?: object} = {}) =>
  readRevocations(
    verdictContext({
      policy: {revocations: {from, key, 'max-age': '24h'}},
      images: {},
      keys: [signer, stranger],
      ...(bytes !== undefined && {files: {'revocations.json': bytes}, documents: {[URL]: bytes}}),
    }),
  )
const fault = async (statement: StatementInput | Uint8Array, by = signer) => {
  const list = await read(statement instanceof Uint8Array ? statement : by.bundle(statement))
  return list?.state === 'failed' ? list.reason : list?.state
}

describe('readRevocations', () => {
  it('reads nothing where none is configured', async () => {
    assert.equal(await readRevocations(verdictContext({images: {}})), undefined)
  })

  it('reads a signed list from a file beside the configuration, and from an address', async () => {
    for (const from of ['revocations.json', URL]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const list = await read(signer.bundle(good), {from})
      assert.ok(list?.state === 'read', `${from}: ${list?.state === 'failed' ? list.message : 'none'}`)
      assert.deepEqual([list.issuedAt, list.maxAge, list.revoked.get(REVOKED)], [ago(1), 86_400_000, {reason: 'malicious', since: ago(24)}])
    }
  })

  it('shows nobody the query of an address, which may be a key', async () => {
    for (const bytes of [undefined, new Uint8Array()]) {
      const from = `${URL}?sig=synthetic-key`
      const policy = {revocations: {from, key: pinOf(signer)}}
      const list = await readRevocations(verdictContext({policy, images: {}, keys: [signer], ...(bytes !== undefined && {documents: {[from]: bytes}})}))
      assert.ok(list?.state === 'failed')
      assert.match(list.message, /policy\.example\/revocations\.json/)
      assert.doesNotMatch(list.message, /synthetic-key/)
    }
  })

  it('holds its age against the clock, to the millisecond', async () => {
    assert.equal(await fault(revocationsOf([], ago(24))), 'read')
    assert.equal(await fault(revocationsOf([], ago(24 + 1 / 3_600_000))), 'revocation.stale')
    assert.equal(await fault(revocationsOf([], ago(-5 / 60))), 'read')
    assert.equal(await fault(revocationsOf([], ago(-5 / 60 - 1 / 3_600_000))), 'revocation.stale')
  })

  it('takes no list that the pinned key has not signed', async () => {
    assert.equal(await fault(good, stranger), 'revocation.unreadable')
    assert.equal(await fault(Buffer.from(JSON.stringify(good.predicate))), 'revocation.unreadable')
    assert.equal(await fault(new Uint8Array()), 'revocation.unreadable')
    assert.equal(await fault(signer.bundle(good, {payload: (payload) => Buffer.concat([payload, Buffer.from(' ')])})), 'revocation.unreadable')
  })

  it('takes nothing else that the key has signed', async () => {
    const {predicate} = good as {predicate: {issuedAt: string; revoked: {digest: string}[]}}
    assert.equal(await fault(signatureOf([REVOKED], 'registry.example/team/app')), 'revocation.unreadable')
    assert.equal(await fault({...good, digests: [`sha256:${'f'.repeat(64)}`]}), 'revocation.unreadable')
    assert.equal(await fault({...good, digests: [...good.digests, REVOKED]}), 'revocation.unreadable')
    assert.equal(await fault({...good, predicate: {...predicate, revoked: predicate.revoked.toReversed()}}), 'revocation.unreadable')
    assert.equal(await fault({...good, predicate: {...predicate, more: 1}}), 'revocation.unreadable')
    assert.equal(await fault({...good, predicate: {...predicate, issuedAt: 'today'}}), 'revocation.unreadable')
  })

  it('tells a file that is not there from an address that does not answer', async () => {
    const reasons = await Promise.all(['revocations.json', URL].map(async (from) => read(undefined, {from})))
    assert.deepEqual(
      reasons.map((list) => list?.state === 'failed' && list.reason),
      ['revocation.unreadable', 'revocation.unreachable'],
    )
  })

  it('is stopped by a pin that its key file does not fit', async () => {
    const key = {...pinOf(signer), file: `keys/${stranger.spki}.pub`}
    const outcome: unknown = await read(signer.bundle(good), {key}).catch((error: unknown) => error)
    assert.ok(outcome instanceof AppError)
    assert.equal(outcome.code, 'policy.invalid')
  })
})
