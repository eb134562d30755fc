/** What the constraint asks, read as the provider reads it. */
import assert from 'node:assert/strict'
import {container, pod, reviewValue, UID} from '../lib/admission/reviews.ts'
import {allows, refuses, warns, withGate} from './gate.ts'

const WEB = 'registry.test/web@sha256:aa'
const ARN = 'arn:aws:sts::111122223333:assumed-role/deploy/session'

describe('the key of a request', () => {
  it('says everything that a record holds', () =>
    withGate(allows, {}, async ({review, asked}) => {
      const userInfo = {username: 'dev@example.test', uid: 'u', groups: ['b', 'a'], extra: {arn: [ARN], sessionName: ['s']}}
      await review(reviewValue({containers: [container(WEB)], request: {userInfo, dryRun: true}}))
      assert.deepEqual(asked(), [
        {
          mode: 'admission',
          ask: {
            uid: UID,
            user: 'dev@example.test',
            arn: ARN,
            groups: ['b', 'a'],
            namespace: 'patient-api',
            operation: 'CREATE',
            subresource: undefined,
            dryRun: true,
            kind: 'Pod',
            name: 'web-5d9c7b8f6-x2x4z',
            objectUid: '11111111-2222-3333-4444-555555555555',
            owners: [{kind: 'ReplicaSet', name: 'web-5d9c7b8f6'}],
            images: [{image: WEB, path: 'spec.containers[0]', unchanged: false}],
          },
        },
      ])
    }))

  it('takes null for nothing, everywhere', () =>
    withGate(allows, {}, async ({review, asked}) => {
      const metadata = {name: null, uid: null, ownerReferences: null}
      const object = pod({containers: [container(WEB)], volumes: [{name: 'v', image: null}, null], metadata})
      const request = {object, userInfo: {username: null, groups: null, extra: null}, dryRun: null, subResource: null, oldObject: null, name: null}
      assert.deepEqual((await review(reviewValue({request}))).violations, [])
      const [{ask} = assert.fail('nothing was asked')] = asked()
      assert.deepEqual(
        {user: ask.user, groups: ask.groups, name: ask.name, objectUid: ask.objectUid, owners: ask.owners, dryRun: ask.dryRun},
        {user: undefined, groups: [], name: undefined, objectUid: undefined, owners: [], dryRun: false},
      )
    }))

  it('takes the name of the request where the pod has none', () =>
    withGate(allows, {}, async ({review, asked}) => {
      await review(reviewValue({containers: [container(WEB)], metadata: {name: '', generateName: 'web-'}, request: {name: 'web-later'}}))
      assert.equal(asked()[0]?.ask.name, 'web-later')
    }))

  for (const operation of ['DELETE', 'CONNECT'])
    it(`is not made for ${operation}, which brings no image: pods could not be deleted while the provider is away`, () =>
      withGate(refuses, {}, async ({review, provider}) => {
        assert.deepEqual((await review(reviewValue({old: pod({containers: [container(WEB)]}), request: {operation}}))).violations, [])
        assert.deepEqual(provider.asked, [])
      }))

  for (const subResource of ['status', 'resize'])
    it(`is not made for pods/${subResource}, which an API server takes no image from`, () =>
      withGate(refuses, {}, async ({review, provider}) => {
        assert.deepEqual((await review(reviewValue({containers: [container(WEB)], request: {operation: 'UPDATE', subResource}}))).violations, [])
        assert.deepEqual(provider.asked, [])
      }))

  it('of a part that nobody knows is refused', () =>
    withGate(allows, {}, async ({review}) => {
      const {violations} = await review(reviewValue({containers: [container(WEB)], request: {operation: 'UPDATE', subResource: 'images'}}))
      assert.match(violations[0]?.message ?? '', /sub/)
    }))
})

describe('the audit', () => {
  it('asks once for all replicas, without uid, user and names', () =>
    withGate(warns, {audit: true}, async ({review, asked}) => {
      for (const name of ['web-1', 'web-2']) {
        const {violations} = await review(reviewValue({containers: [container(WEB)], metadata: {name, uid: `uid-of-${name}`}}))
        assert.deepEqual(
          violations.map(({constraint, details}) => [constraint, details]),
          [['hipaa-ci-images-warn', {records: ['01JZZZZZZZZZZZZZZZZZZZZZZR'], uid: ''}]],
        )
      }
      const [only, ...more] = asked()
      assert.deepEqual(more, [])
      assert.deepEqual(only, {
        mode: 'audit',
        ask: {
          uid: '',
          user: undefined,
          groups: [],
          namespace: 'patient-api',
          operation: 'CREATE',
          subresource: undefined,
          dryRun: false,
          kind: 'Pod',
          owners: [],
          images: [{image: WEB, path: 'spec.containers[0]', unchanged: false}],
        },
      })
    }))

  it('asks anew about other images, and about another namespace', () =>
    withGate(warns, {audit: true}, async ({review, provider}) => {
      const others = [{containers: [container(WEB)]}, {containers: [container('other')]}, {containers: [container(WEB)], metadata: {namespace: 'billing'}}]
      for (const other of others) await review(reviewValue(other))
      assert.equal(new Set(provider.asked).size, others.length)
    }))
})
