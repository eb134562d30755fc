/** A key that cannot be judged, and what of it is told all the same. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {readUnreadKey} from '../../../src/lib/admission/unread-key.ts'
import {keyOf} from '../actions/admission/answer-world.ts'

const anything = fc.jsonValue({maxDepth: 2})
const many = (count: number) => Array.from({length: count}, (_, at) => `web:${at}`)

describe('readUnreadKey', () => {
  it('tells who asked, for what and where', () => {
    const owners = [{kind: 'ReplicaSet', name: 'web-1'}]
    const key = keyOf(many(257), {
      uid: 'u-1',
      objectUid: 'o-1',
      arn: ['arn:aws:iam::1:role/dev'],
      owners,
      dryRun: true,
      op: 'UPDATE',
      sub: 'ephemeralcontainers',
    })
    assert.deepEqual(readUnreadKey(key), {
      mode: 'admission',
      ask: {
        uid: 'u-1',
        user: 'ada@example.com',
        arn: 'arn:aws:iam::1:role/dev',
        groups: ['engineers'],
        namespace: 'patient-api',
        operation: 'UPDATE',
        subresource: 'ephemeralcontainers',
        dryRun: true,
        kind: 'Pod',
        name: 'web',
        objectUid: 'o-1',
        owners,
      },
      images: '(more than 256 images)',
    })
  })

  it('counts what it does not name', () => {
    const said = (images: readonly string[]) => readUnreadKey(keyOf(images))?.images
    assert.deepEqual([said([]), said(many(1)), said(many(256)), said(many(300))], ['(no images)', '(1 image)', '(256 images)', '(more than 256 images)'])
  })

  it('says nothing of a member that is not what it should be', () => {
    const odd = {
      v: 7,
      mode: 'dry',
      op: 'DELETE',
      sub: 'status',
      dryRun: 'false',
      user: 7,
      arn: 'x',
      groups: [1, 'g', null],
      ns: '../x',
      owners: [7, {kind: 'K'}],
      images: 7,
    }
    const told = readUnreadKey(keyOf(['a'], {uid: 'u-1', ...odd}))
    assert.deepEqual(
      [told?.mode, told?.images, told?.ask],
      [
        'admission',
        '(no images)',
        {
          uid: 'u-1',
          user: undefined,
          groups: ['g'],
          namespace: '',
          operation: 'CREATE',
          subresource: undefined,
          dryRun: false,
          kind: 'Pod',
          name: 'web',
          objectUid: told?.ask.objectUid,
          owners: [],
        },
      ],
    )
  })

  for (const [what, key] of [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no uid', keyOf(['a'], {uid: ''})],
    ['a uid that could break a line', keyOf(['a'], {uid: '1\n2'})],
    ['a uid that is a number', keyOf(['a'], {uid: 7})],
    ['an audit with a uid', keyOf(['a'], {mode: 'audit', uid: '1-1'})],
  ] as const)
    it(`tells nothing of ${what}: it could be anybody's`, () => assert.equal(readUnreadKey(key), undefined))

  it('takes whatever comes', () => {
    const members = fc.record({mode: anything, uid: fc.constant('u-1'), op: anything, user: anything, groups: anything, owners: anything, images: anything})
    fc.assert(fc.property(members, (value) => assert.equal(readUnreadKey(JSON.stringify(value))?.ask.uid ?? 'u-1', 'u-1')))
  })
})
