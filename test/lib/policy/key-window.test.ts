import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {PolicyKey} from '../../../src/lib/policy/model.ts'
import {signerFault} from '../../../src/lib/policy/key-window.ts'
import {KEY, OTHER_KEY} from './situation.ts'

const NOW = new Date('2026-06-15T12:00:00.000Z')
const JO = {issuer: 'https://login.example', identity: 'jo@example.com'}

const faultOf = (pin: Partial<PolicyKey>, signedAt?: string) => signerFault({spki: KEY.spki}, {keys: [{...KEY, ...pin}]}, {now: NOW, signedAt})?.reason

describe('signerFault', () => {
  const cases: readonly (readonly [string, Partial<PolicyKey>, string | undefined, string | undefined])[] = [
    ['an active key', {}, undefined, undefined],
    ['an active key, signed long ago', {}, '2020-01-01T00:00:00.000Z', undefined],
    ['a key on its first day', {from: '2026-06-15'}, undefined, undefined],
    ['a key before its first day', {from: '2026-06-16'}, undefined, 'signature.key-retired'],
    ['a key on its last day', {until: '2026-06-15'}, undefined, undefined],
    ['a key after its last day, and no time', {until: '2026-06-14'}, undefined, 'signature.no-trusted-time'],
    ['a key after its last day, signed within it', {until: '2026-06-14'}, '2026-06-14T23:59:59.999Z', undefined],
    ['a key after its last day, signed after it', {until: '2026-06-14'}, '2026-06-15T00:00:00.000Z', 'signature.key-retired'],
    ['a key signed with before it was trusted', {from: '2026-01-01'}, '2025-12-31T23:59:59.999Z', 'signature.key-retired'],
    ['a retired key, and no time', {status: 'retired', until: '2026-06-30'}, undefined, 'signature.no-trusted-time'],
    ['a retired key, signed within its days', {status: 'retired', until: '2026-03-31'}, '2026-03-01T00:00:00.000Z', undefined],
    ['a retired key, signed after its days', {status: 'retired', until: '2026-03-31'}, '2026-04-01T00:00:00.000Z', 'signature.key-retired'],
    ['a key retired since nobody knows when', {status: 'retired'}, '2020-01-01T00:00:00.000Z', 'signature.no-trusted-time'],
    ['a compromised key, whenever it signed', {status: 'compromised', until: '2026-12-31'}, '2020-01-01T00:00:00.000Z', 'signature.key-compromised'],
  ]
  for (const [what, pin, signedAt, reason] of cases) {
    it(`${reason === undefined ? 'takes' : 'refuses'} ${what}${reason === undefined ? '' : `: ${reason}`}`, () => {
      assert.equal(faultOf(pin, signedAt), reason)
    })
  }

  it('takes a key that one of its pins allows, unless one calls it compromised', () => {
    const spent: PolicyKey = {...KEY, status: 'retired'}
    assert.equal(signerFault({spki: KEY.spki}, {keys: [spent, KEY]}, {now: NOW}), undefined)
    assert.equal(signerFault({spki: KEY.spki}, {keys: [KEY, {...KEY, status: 'compromised'}]}, {now: NOW})?.reason, 'signature.key-compromised')
  })

  it('knows an identity by issuer and name together', () => {
    const signers = {keys: [OTHER_KEY], identities: [JO]}
    assert.equal(signerFault(JO, signers, {now: NOW}), undefined)
    assert.equal(signerFault({...JO, issuer: 'https://other.example'}, signers, {now: NOW})?.reason, 'signature.wrong-identity')
    assert.equal(signerFault({...JO, identity: 'JO@example.com'}, signers, {now: NOW})?.reason, 'signature.wrong-identity')
    assert.equal(signerFault(JO, {keys: [OTHER_KEY]}, {now: NOW})?.reason, 'signature.wrong-identity')
  })

  it('never trusts more because the window is smaller', () => {
    const days = fc.option(fc.integer({min: 0, max: 60}), {nil: undefined})
    const day = (offset: number | undefined) => (offset === undefined ? undefined : new Date(Date.UTC(2026, 4, 15 + offset)).toISOString().slice(0, 10))
    fc.assert(
      fc.property(days, days, fc.nat(10), fc.nat(10), fc.option(fc.nat(60), {nil: undefined}), (from, until, later, earlier, at) => {
        const signedAt = at === undefined ? undefined : `${day(at)}T12:00:00.000Z`
        const pin = (start: number | undefined, end: number | undefined): Partial<PolicyKey> => ({
          ...(start !== undefined && {from: day(start) ?? ''}),
          ...(end !== undefined && {until: day(end) ?? ''}),
        })
        const narrow = faultOf(pin((from ?? 0) + later, until === undefined ? undefined : until - earlier), signedAt)
        if (narrow === undefined) assert.equal(faultOf(pin(from, until), signedAt), undefined)
      }),
    )
  })
})
