import assert from 'node:assert/strict'
import {gunzipSync} from 'node:zlib'
import type {ReconcileResult} from '../../../../src/lib/actions/admission/reconcile-cluster.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {OTHER} from '../../admission/listings.ts'
import {HOME, home} from './admission-world.ts'
import {ReportingClusters} from './reconcile-world.ts'

const open = ({differences}: ReconcileResult) => differences.filter((one) => one.open).map(({reason, uid}) => [reason, uid])

describe('reconcileCluster', () => {
  let cluster: ReportingClusters
  beforeEach(async () => {
    cluster = new ReportingClusters()
    await cluster.cover()
  })

  it('ends with 0 where every pod was let in, and records it', async () => {
    await cluster.admit({})
    const {result, record} = await cluster.reconcile([{}])
    assert.deepEqual([result.exitCode, result.letIn.verified, result.differences, result.record], [0, 1, [], record?.id])
    assert.equal(record?.data.outcome, 'pass')
    const {window: _, ...detail} = record.data.detail
    assert.deepEqual(detail, {source: 'listing', cluster: 'prod-east', both: 1, only_source: 0, only_evidence: 0, first: []})
  })

  it('ends with 1 for a pod that nobody let in, and keeps all of it in a blob', async () => {
    const strangers = Array.from({length: 100}, (_, at) => ({uid: `s-${at}`, name: `s-${at}`}))
    const {result, record} = await cluster.reconcile(strangers)
    assert.deepEqual([result.exitCode, result.unverified.open, record?.data.outcome, record?.data.detail.first.length], [1, 100, 'fail', 64])
    const [blob] = record?.data.blobs ?? []
    const stored = await cluster.evidence.get(blobKey(blob?.sha256 ?? ''))
    assert.ok(stored)
    const text = Buffer.from(stored[0] === 0x1f ? gunzipSync(stored) : stored).toString()
    assert.deepEqual((JSON.parse(text) as {differences: {uid: string}[]}).differences.map(({uid}) => uid).toSorted(), strangers.map(({uid}) => uid).toSorted())
  })

  it('does not take the record of another cluster in the same store', async () => {
    await cluster.cover('prod-west')
    await cluster.admit({cluster: 'prod-west'}, {cluster: 'prod-east', uid: 'r-2', object_uid: 'u-2', name: 'web-2'})
    const here = [{}, {uid: 'u-2', name: 'web-2'}]
    assert.deepEqual(open((await cluster.reconcile(here)).result), [['unverified-workload', 'u-1']])
    assert.deepEqual(open((await cluster.reconcile(here, {cluster: 'prod-west'})).result), [['unverified-workload', 'u-2']])
  })

  it('reads as far back as the oldest pod, whatever --since says', async () => {
    await cluster.admit({})
    const {result} = await cluster.reconcile([{}, {uid: 'u-0', name: 'ancient', created: '2020-01-01T00:00:00Z'}])
    assert.deepEqual([open(result), result.window.from], [[['unverified-workload', 'u-0']], '2019-12-31T00:00:00.000Z'])
  })

  it('lists exempt namespaces, and leaves them closed', async () => {
    const {result} = await cluster.reconcile([{namespace: 'kube-system'}])
    assert.deepEqual([result.exitCode, result.unverified, result.differences.length], [0, {open: 0, explained: 1}, 1])
  })

  it('never takes a part for the whole', async () => {
    await cluster.admit({})
    assert.equal((await cluster.reconcile([{}], {metadata: {continue: 'x'}})).result.exitCode, 6)
    assert.equal((await cluster.reconcile([])).result.exitCode, 6)
    const young = await cluster.reconcile([{uid: 'new', created: '2026-06-15T11:59:00Z'}])
    assert.deepEqual([young.result.exitCode, young.record?.data.outcome], [6, 'warn'])
  })

  it('ends with 5 where a record cannot be read, because it may be about any pod', async () => {
    await cluster.admit({})
    for await (const key of cluster.evidence.list('records/v1/admission/')) cluster.evidence.objects.set(key, Buffer.from('altered'))
    const {result} = await cluster.reconcile([{namespace: 'kube-system'}])
    assert.deepEqual([result.exitCode, result.unreadable.length], [5, 1])
  })

  describe('a digest that runs and is not the one that was let in', () => {
    it('is a part of the image, where the registry says so', async () => {
      const {store, image, digest} = await home()
      const {json} = await store.resolve(digest)
      const child = json.manifests?.[0]?.digest ?? json.config?.digest ?? ''
      assert.match(child, /^sha256:/)
      await cluster.admit({image})
      for (const imageId of [`${HOME}@${child}`, child])
        assert.equal((await cluster.reconcile([{image, imageId}], {images: {[HOME]: store}})).result.exitCode, 0, imageId)
    })

    it('is open where it is none of it, and incomplete where nobody can tell', async () => {
      const {store, image} = await home()
      await cluster.admit({image})
      const pod = [{image, imageId: `${HOME}@${OTHER}`}]
      const {result} = await cluster.reconcile(pod, {images: {[HOME]: store}})
      assert.deepEqual([result.exitCode, open(result)], [1, [['other-digest', 'u-1']]])
      const unknown = (await cluster.reconcile(pod)).result
      assert.deepEqual([unknown.exitCode, unknown.differences.map(({reason}) => reason)], [6, ['digest-not-checked']])
    })
  })

  it('gives no clean answer that could not be recorded', async () => {
    await cluster.admit({})
    cluster.evidence.put = async () => {
      throw new AppError('store.unreachable', 'gone')
    }
    await assert.rejects(cluster.reconcile([{}]), (error: unknown) => error instanceof AppError && error.code === 'record.not-written')
    assert.equal((await cluster.reconcile([{uid: 'x'}])).result.record, undefined)
  })

  it('records nothing under --no-record', async () => {
    await cluster.admit({})
    const {result, record} = await cluster.reconcile([{}], {record: false})
    assert.deepEqual([result.exitCode, result.record, record], [0, undefined, undefined])
  })
})
