import assert from 'node:assert/strict'
import {showKeys} from '../../../../src/lib/actions/keys/show-keys.ts'
import {testSigner} from '../../../fakes/checkpoints.ts'
import {again, next, old, other, pin, project, rotate, TEXT} from './rotation-project.ts'

describe('showKeys', () => {
  it('shows every pin with its window as of today, and which one signs here', async () => {
    const context = project()
    await rotate(context)
    const {exitCode, signing, keys} = await showKeys({}, again(context))
    assert.equal(exitCode, 0)
    assert.deepEqual(signing, {state: 'pinned', reference: '/project/new.key', spki: pin(next), kind: 'key-file'})
    assert.deepEqual(
      keys.map(({environment, spki, state, signs}) => [environment, spki, state, signs]),
      [
        ['staging', pin(old), 'retired', false],
        ['staging', pin(next), 'trusted', true],
        ['production', pin(old), 'retired', false],
        ['production', pin(next), 'trusted', true],
        ['elsewhere', pin(other), 'trusted', false],
      ],
    )
  })

  it('tells a window that has ended, and one that has not begun', async () => {
    const text = TEXT.replace('from: 2026-01-01', 'until: 2026-06-14').replace('keys/other.pub}', 'keys/other.pub, from: 2026-06-16}')
    const {keys} = await showKeys({}, project(text))
    assert.deepEqual(
      keys.map(({state}) => state),
      ['trusted', 'ended', 'not-yet'],
    )
  })

  it('tells that the signing key is trusted nowhere', async () => {
    const {signing} = await showKeys({}, project(TEXT.replace('file:old.key', 'file:new.key')))
    assert.equal(signing.state, 'not-pinned')
  })

  for (const [what, pinned] of [
    ['compromised', 'status: compromised'],
    ['retired', 'status: retired, until: 2026-06-01'],
    ['over', 'until: 2026-06-14'],
    ['not yet valid', 'from: 2026-06-16'],
    ['pinned twice, and compromised once', `status: active}, {spki: "${pin(old)}", file: keys/old.pub, status: compromised`],
  ] as const)
    it(`tells that the signing key is ${what} wherever it is pinned`, async () => {
      const text = `version: 1\nsystem: x\nsigning: {key: "file:old.key"}\nenvironments:\n  a: {requires: {signature: {keys: [{spki: "${pin(old)}", file: keys/old.pub, ${pinned}}]}}}\n`
      const context = project(text)
      const {exitCode, signing} = await showKeys({}, context)
      assert.deepEqual([exitCode, signing.state], [0, 'not-trusted'])
      assert.match(context.notes.join(), /signs here, and no environment trusts it now/)
      const elsewhere = project(`${text}  b: {requires: {signature: {keys: [{spki: "${pin(old)}", file: keys/old.pub}]}}}\n`)
      assert.equal((await showKeys({}, elsewhere)).signing.state, 'pinned')
      assert.deepEqual(elsewhere.notes, [])
    })

  it('shows whose checkpoints count, and opens nothing for it', async () => {
    const key = testSigner('ed25519', 'acme.example/log').verifier.text
    const sealed = `${TEXT}sealing: {key: "file:checkpoint.key", origin: acme.example/log, keys: ["${key}"]}\n`
    const {sealing} = await showKeys({}, project(sealed))
    assert.deepEqual([sealing?.origin, sealing?.keys], ['acme.example/log', [key]])
    assert.match(sealing?.reference ?? '', /checkpoint\.key$/)
    assert.equal((await showKeys({environment: 'staging'}, project(sealed))).sealing, undefined)
    assert.equal((await showKeys({}, project())).sealing, undefined)
  })

  it('takes a key that it cannot ask for unknown, with the exit code of the cause', async () => {
    const {signing, exitCode, keys} = await showKeys({}, project(TEXT, {lost: ['/policy/old.key']}))
    assert.deepEqual([signing.state, exitCode], ['unknown', 2])
    assert.ok(keys.every(({signs}) => signs === undefined))
  })

  it('refuses a file that is not the one that is pinned', async () => {
    const context = project()
    context.disk.set('/policy/keys/old.pub', other.pem)
    await assert.rejects(showKeys({}, context), {code: 'policy.invalid', exitCode: 2})
  })

  it('shows one environment, and refuses one that is not there', async () => {
    assert.deepEqual(
      (await showKeys({environment: 'elsewhere'}, project())).keys.map(({spki}) => spki),
      [pin(other)],
    )
    await assert.rejects(showKeys({environment: 'nowhere'}, project()), {code: 'usage.environment'})
  })
})
