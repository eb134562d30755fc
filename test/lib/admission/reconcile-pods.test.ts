import assert from 'node:assert/strict'
import {allowedRequests, type AdmissionRecord} from '../../../src/lib/admission/allowed-requests.ts'
import {reconcilePods, type ReconciledPods} from '../../../src/lib/admission/reconcile-pods.ts'
import type {ClusterTimes} from '../../../src/lib/admission/unverified-causes.ts'
import {admissionOf, IMAGE, OTHER, pods, REPOSITORY, type AdmissionDetail, type PodInput} from './listings.ts'

const NOW = new Date('2026-06-15T12:00:00.000Z')
const SINCE = '2026-06-01T00:00:00.000Z'
type Enforcement = ClusterTimes['enforcement'][number]
type Canary = ClusterTimes['canaries'][number]
let ids = 0

function record(detail: Partial<AdmissionDetail> = {}, time = '2026-06-15T10:00:00.100Z'): AdmissionRecord {
  ids += 1
  const image = detail.image ?? IMAGE
  return {id: `id-${ids}`, time, subject: image.includes('@') ? image : 'urn:hipaa-ci:admission:x', data: {detail: admissionOf(detail)}} as AdmissionRecord
}
const enforcement = (time: string, exempt: readonly string[] = []) => ({time, data: {detail: {exempt}}}) as unknown as Enforcement
const canary = (time: string, answer: string) => ({time, data: {detail: {answer}}}) as unknown as Canary
const COVERED: ClusterTimes = {enforcement: [enforcement('2026-01-01T00:00:00.000Z', ['kube-system'])], canaries: [], glass: []}

function compare(inputs: readonly PodInput[], records: readonly AdmissionRecord[], times = COVERED): ReconciledPods {
  return reconcilePods(pods(...inputs), allowedRequests(records), {times, since: SINCE, now: NOW})
}
const told = ({differences}: ReconciledPods) => differences.map(({reason, uid, open}) => [reason, uid, open])
const causesOf = ({differences}: ReconciledPods) => differences[0]?.causes

describe('reconcilePods', () => {
  it('finds the pod that was let in', () => {
    const found = compare([{}], [record()])
    assert.deepEqual([told(found), found.otherDigests, found.matched.map(({how}) => how)], [[], [], ['verified']])
  })

  it('finds it again where it was admitted twice', () => {
    assert.deepEqual(told(compare([{}], [record(), record({uid: 'r-2'}), record()])), [])
  })

  it('tells a pod that nobody let in', () => {
    const found = compare([{}, {uid: 'u-2', name: 'web-2'}], [record()])
    assert.deepEqual(told(found), [['unverified-workload', 'u-2', true]])
    assert.deepEqual(causesOf(found), ['unknown'])
  })

  const nothing: Record<string, Partial<AdmissionDetail>> = {
    'a refusal': {verdict: 'failed', reasons: ['signature.wrong-key']},
    'a dry run': {dry_run: true},
    'an audit': {mode: 'audit'},
    'advice about what makes pods': {mode: 'advice'},
    'a judgement by hand': {mode: 'offline'},
    'a record without the pod’s uid': {object_uid: undefined},
  }
  for (const [what, detail] of Object.entries(nothing))
    it(`takes ${what} for no allow`, () => assert.deepEqual(told(compare([{}], [record(detail)])), [['unverified-workload', 'u-1', true]]))

  it('takes a pod for refused where one of its images was', () => {
    const two = {path: 'spec.containers[1]', image: `registry.example/x@${OTHER}`, verdict: 'missing' as const}
    assert.deepEqual(told(compare([{}], [record(), record(two)])), [['unverified-workload', 'u-1', true]])
  })

  it('says how it was let in: warned, exempted', () => {
    const ways = [record({mode: 'warn', verdict: 'missing'})]
    assert.deepEqual(
      compare([{}], ways).matched.map(({how}) => how),
      ['warned'],
    )
    const glass = [record({verdict: 'missing', exemption: 'c'.repeat(64)})]
    assert.deepEqual(
      compare([{}], glass).matched.map(({how}) => how),
      ['exempted'],
    )
  })

  it('does not take an old uid of a restored cluster for the pod that has it now', () => {
    for (const input of [{name: 'web-9'}, {namespace: 'other'}])
      assert.deepEqual(told(compare([input], [record()])), [['uid-of-another', 'u-1', true]], JSON.stringify(input))
  })

  it('counts what came and went, and is not alarmed by it', () => {
    const found = compare([{}], [record(), record({uid: 'r-2', object_uid: 'u-2', name: 'web-2'})])
    assert.deepEqual(told(found), [['no-pod', 'u-2', false]])
    const old = record({uid: 'r-3', object_uid: 'u-3'}, '2026-05-01T00:00:00.000Z')
    assert.deepEqual(told(compare([{}], [record(), old])), [], 'before --since')
  })

  it('finds a pod by uid whatever the clocks say', () => {
    assert.deepEqual(told(compare([{created: '2026-06-15T10:00:00Z'}], [record({}, '2026-06-14T23:00:00.000Z')])), [])
    assert.deepEqual(told(compare([{created: '2026-06-15T10:00:00Z'}], [record({}, '2026-06-15T11:59:59.000Z')])), [])
  })

  it('tells an image that was not let in with its pod, and one that a debugger added with leave', () => {
    const extra = `registry.example/debug@${OTHER}`
    const pod = {spec: {ephemeralContainers: [{name: 'debug', image: extra}]}}
    const found = compare([pod], [record()])
    assert.deepEqual(
      found.differences.map(({reason, image}) => [reason, image]),
      [['image-not-admitted', extra]],
    )
    const update = record({uid: 'r-2', operation: 'UPDATE', subresource: 'ephemeralcontainers', image: extra, path: 'spec.ephemeralContainers[0]'})
    assert.deepEqual(told(compare([pod], [record(), update])), [])
  })

  it('hands on a digest that runs and is not the one that was let in', () => {
    const found = compare([{imageId: `${REPOSITORY}@${OTHER}`}], [record()])
    assert.deepEqual([told(found), found.otherDigests.map(({image, admitted}) => [image.runs, admitted[0]?.image])], [[], [[OTHER, IMAGE]]])
    assert.deepEqual(compare([{imageId: null, phase: 'Pending'}], [record()]).otherDigests, [])
  })

  describe('names what is plausible', () => {
    const at = (time: string, more: PodInput = {}) => [{created: time, ...more}]
    it('a namespace that was declared as exempt before: explained', () => {
      const found = compare([{namespace: 'kube-system'}], [])
      assert.deepEqual([told(found), causesOf(found)], [[['unverified-workload', 'u-1', false]], ['exempt-namespace']])
    })
    it('one that was declared as exempt only afterwards: open', () => {
      const times = {...COVERED, enforcement: [...COVERED.enforcement, enforcement('2026-06-15T11:00:00.000Z', ['late'])]}
      const found = compare([{namespace: 'late'}], [], times)
      assert.deepEqual([told(found)[0]?.[2], causesOf(found)], [true, ['unknown']])
    })
    it('a static pod: open, because anybody may write the annotation', () => {
      const found = compare([{metadata: {annotations: {'kubernetes.io/config.mirror': ''}}}], [])
      assert.deepEqual([told(found)[0]?.[2], causesOf(found)], [true, ['static-pod']])
    })
    it('older than the first report of a provider', () => {
      assert.deepEqual(causesOf(compare(at('2025-12-31T23:00:00Z'), [])), ['before-coverage'])
      assert.deepEqual(causesOf(compare(at('2026-01-01T00:04:00Z'), [])), ['before-coverage'], 'clocks differ by minutes')
    })
    it('a cluster of which nobody ever reported', () => {
      assert.deepEqual(causesOf(compare(at('2026-06-15T10:00:00Z'), [], {enforcement: [], canaries: [], glass: []})), ['never-covered'])
    })
    it('a window in which the canary was let in', () => {
      const canaries = [
        canary('2026-06-15T09:00:00.000Z', 'refused'),
        canary('2026-06-15T10:30:00.000Z', 'admitted'),
        canary('2026-06-15T11:00:00.000Z', 'refused'),
      ]
      assert.deepEqual(causesOf(compare(at('2026-06-15T10:00:00Z'), [], {...COVERED, canaries})), ['fail-open-window'])
      assert.deepEqual(causesOf(compare(at('2026-06-15T11:30:00Z'), [], {...COVERED, canaries})), ['unknown'])
    })
    it('so young that its record may be on its way: not open yet', () => {
      const found = compare(at('2026-06-15T11:55:00Z'), [])
      assert.deepEqual([told(found)[0]?.[2], causesOf(found)], [false, ['just-created']])
    })
  })
})
