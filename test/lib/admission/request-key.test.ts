/** The key of a request, where it is not as our constraint writes it. What the constraint does write: `test/gatekeeper`. */
import assert from 'node:assert/strict'
import {AppError} from '../../../src/lib/errors.ts'
import {parseRequestKey} from '../../../src/lib/admission/request-key.ts'

const KEY = {
  v: 1,
  mode: 'admission',
  uid: '1-1',
  op: 'UPDATE',
  sub: '',
  dryRun: false,
  user: 'dev',
  arn: [],
  groups: [],
  ns: 'patient-api',
  kind: 'Pod',
  name: 'web',
  objectUid: '',
  owners: [],
  images: [
    {path: 'spec.containers[0]', image: 'web@sha256:aa'},
    {path: 'spec.containers[1]', image: ''},
  ],
  old: ['web@sha256:aa', ''],
}
const keyWith = (change: Readonly<Record<string, unknown>> = {}) => JSON.stringify({...KEY, ...change})

describe('parseRequestKey', () => {
  it('takes what the old object runs for unchanged, but no empty image', () => {
    assert.deepEqual(
      parseRequestKey(keyWith()).ask.images.map(({unchanged}) => unchanged),
      [true, false],
    )
  })

  it('takes nothing for unchanged in a CREATE', () => {
    assert.ok(parseRequestKey(keyWith({op: 'CREATE'})).ask.images.every(({unchanged}) => !unchanged))
  })

  for (const [what, key, why] of [
    ['no JSON', '{', /not JSON/],
    ['a list', '[]', /expected object/],
    ['another version', keyWith({v: 2}), /v: /],
    ['a mode that nobody knows', keyWith({mode: 'dry'}), /mode: /],
    ['an admission without a uid', keyWith({uid: ''}), /has no uid/],
    ['advice without a uid', keyWith({mode: 'advice', uid: ''}), /has no uid/],
    ['an audit with a uid', keyWith({mode: 'audit'}), /an audit has no uid/],
    ['a uid that could break a line', keyWith({uid: '1\n2'}), /must be a uid/],
    ['no namespace', keyWith({ns: ''}), /name of a namespace/],
    ['a pattern for a namespace', keyWith({ns: '*'}), /name of a namespace/],
    ['another operation', keyWith({op: 'DELETE'}), /op: /],
    ['another part', keyWith({sub: 'status'}), /sub: /],
    ['no images', keyWith({images: []}), /names no image/],
    ['too many images', keyWith({images: Array.from({length: 257}, () => KEY.images[0])}), /images: /],
    ['an image that is null', keyWith({images: [{path: 'a', image: null}]}), /images\.0\.image: /],
    ['a text for dryRun', keyWith({dryRun: 'false'}), /dryRun: /],
    ['a member that nobody knows', keyWith({admit: true}), /admit/],
    ['a member too few', keyWith({old: undefined}), /old: /],
    ['more than 1 MiB', keyWith({name: 'n'.repeat(1024 * 1024)}), /bytes; at most/],
  ] as const)
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseRequestKey(key),
        (error) => error instanceof AppError && error.code === 'admission.key' && why.test(error.message),
      )
    })
})
