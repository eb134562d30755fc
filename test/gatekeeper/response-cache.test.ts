/** Gatekeeper keeps a provider's answers by key: no record may be lost by it, and no answer may serve another request. */
import assert from 'node:assert/strict'
import {answering} from '../fakes/scripted-provider.ts'
import {container, pod, reviewValue} from '../lib/admission/reviews.ts'
import {allows, refuses, warns, withGate} from './gate.ts'

const WEB = 'registry.test/web@sha256:aa'
const uids = ['1-1', '2-2', '3-3', '4-4']
const same = (uid: string) => reviewValue({containers: [container(WEB)], request: {uid}})

describe('the cache of answers', () => {
  for (const cache of ['3m', '0s'])
    it(`of ${cache} hides no request from the provider: each has its uid in the key`, () =>
      withGate(allows, {cache}, async ({review, asked}) => {
        for (const uid of uids) await review(same(uid))
        assert.deepEqual([...new Set(asked().map(({ask}) => ask.uid))], uids)
      }))

  it('serves both constraints of one request by one answer', () =>
    withGate(warns, {}, async ({review, provider}) => {
      assert.equal((await review(same('1-1'))).violations.length, 1)
      assert.equal(provider.asked.length, 1)
    }))

  it('where there is none, both constraints ask by the very same key', () =>
    withGate(warns, {cache: '0s'}, async ({review, provider}) => {
      assert.equal((await review(same('1-1'))).violations.length, 1)
      assert.equal(new Set(provider.asked).size, 1)
    }))

  it('does not keep a system error: the next try is asked anew, also of the same request', () =>
    withGate(
      () => answering({systemError: 'the registry is away'}),
      {},
      async ({review, provider}) => {
        assert.match((await review(same('1-1'))).violations[0]?.message ?? '', /the registry is away/)
        provider.play(allows)
        assert.deepEqual((await review(same('1-1'))).violations, [])
      },
    ))

  it('does not let an allow serve another image, another namespace or another person (10)', () =>
    withGate(allows, {}, async ({review, provider}) => {
      await review(same('1-1'))
      provider.play(refuses)
      const others = [
        {containers: [container(`${WEB}bb`)]},
        {
          containers: [container(WEB)],
          request: {uid: '1-1', namespace: 'billing', object: pod({containers: [container(WEB)], metadata: {namespace: 'billing'}})},
        },
        {containers: [container(WEB)], request: {uid: '1-1', userInfo: {username: 'somebody'}}},
        {containers: [container(WEB)], request: {uid: '1-1', dryRun: true}},
      ]
      for (const other of others) {
        const {violations} = await review(reviewValue({...other, request: {uid: '1-1', ...other.request}}))
        assert.equal(violations.length, 1, JSON.stringify(other))
      }
    }))
})
