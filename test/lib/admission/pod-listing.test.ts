import assert from 'node:assert/strict'
import {parsePodListing} from '../../../src/lib/admission/pod-listing.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {DIGEST, IMAGE, listedPod, listing, OTHER, REPOSITORY} from './listings.ts'

const read = (...items: readonly unknown[]) => parsePodListing(listing(items)).pods

describe('parsePodListing', () => {
  it('reads every place of an image, and the digest that runs there', () => {
    const pod = listedPod({
      metadata: {
        ownerReferences: [
          {kind: 'Node', name: 'n'},
          {kind: 'ReplicaSet', name: 'web-5d9c', controller: true},
        ],
      },
      spec: {
        initContainers: [{name: 'init', image: 'nginx:1.27'}],
        ephemeralContainers: [{name: 'debug', image: 'busybox'}],
        volumes: [
          {name: 'v', image: {reference: `registry.example/model@${OTHER}`}},
          {name: 'w', emptyDir: {}},
        ],
      },
    })
    const status = {
      phase: 'Running',
      containerStatuses: [{name: 'app', imageID: `docker-pullable://${IMAGE}`}],
      initContainerStatuses: [{name: 'init', imageID: `docker.io/library/nginx@${OTHER}`}],
      ephemeralContainerStatuses: [{name: 'debug', imageID: OTHER}],
    }
    const [one] = read({...pod, status})
    assert.deepEqual(one?.images, [
      {path: 'spec.initContainers[0]', image: 'nginx:1.27', runs: OTHER, from: 'docker.io/library/nginx'},
      {path: 'spec.containers[0]', image: IMAGE, runs: DIGEST, from: REPOSITORY},
      {path: 'spec.ephemeralContainers[0]', image: 'busybox', runs: OTHER},
      {path: 'spec.volumes[0].image', image: `registry.example/model@${OTHER}`},
    ])
    assert.deepEqual(
      [one?.owners[0], one?.created, one?.phase, one?.mirror],
      [{kind: 'ReplicaSet', name: 'web-5d9c'}, '2026-06-15T10:00:00.000Z', 'Running', false],
    )
  })

  it('takes a PodList of the API, whose items have no kind and whose lists are null', () => {
    const {kind: _, ...pod} = listedPod({spec: {initContainers: null, volumes: null}})
    const {pods, truncated} = parsePodListing(listing([{...pod, status: null}], {kind: 'PodList', metadata: null}))
    assert.deepEqual([pods.length, pods[0]?.phase, pods[0]?.images[0]?.runs, truncated], [1, 'Unknown', undefined, false])
  })

  it('tells a page from the whole', () => {
    for (const metadata of [{continue: 'abc'}, {remainingItemCount: 3}]) assert.equal(parsePodListing(listing([listedPod()], {metadata})).truncated, true)
    assert.equal(parsePodListing(listing([listedPod()], {metadata: {continue: ''}})).truncated, false)
  })

  it('knows a mirror pod, and pods in other states', () => {
    const found = read(
      listedPod({uid: 'a', name: 'a', metadata: {annotations: {'kubernetes.io/config.mirror': 'h'}}}),
      listedPod({uid: 'b', name: 'b', phase: 'Pending', imageId: null}),
      listedPod({uid: 'c', name: 'c', phase: 'Failed', imageId: ''}),
    )
    assert.deepEqual(
      found.map(({mirror, phase, images}) => [mirror, phase, images[0]?.runs]),
      [
        [true, 'Running', DIGEST],
        [false, 'Pending', undefined],
        [false, 'Failed', undefined],
      ],
    )
  })

  it('takes no digest from what is none', () => {
    for (const imageId of ['nginx:1.27', `${REPOSITORY}@sha256:abc`, `${IMAGE}\n`, `x@${DIGEST} y`, 'sha256:', DIGEST.toUpperCase()])
      assert.equal(read(listedPod({imageId}))[0]?.images[0]?.runs, undefined, imageId)
  })

  it('lists the same pod once, and refuses two under one uid', () => {
    assert.equal(read(listedPod(), listedPod()).length, 1)
    assert.throws(() => read(listedPod(), listedPod({name: 'other'})), /two pods have the uid/)
  })

  describe('refuses what it cannot read, whole, so that no pod is missed', () => {
    const {metadata: _, ...bare} = listedPod()
    const cases: Record<string, Uint8Array> = {
      'no JSON': Buffer.from('NAME READY\nweb 1/1'),
      'no UTF-8': Buffer.from([0x7b, 0xff, 0x7d]),
      'no list': Buffer.from(JSON.stringify(listedPod())),
      'a list of something else': listing([], {kind: 'ServiceList'}),
      'a service among pods': listing([listedPod(), {...listedPod({uid: 'x'}), kind: 'Service'}]),
      'no metadata': listing([bare]),
      'no uid': listing([listedPod({metadata: {uid: ''}})]),
      'no time': listing([listedPod({created: 'yesterday'})]),
      'no image at all': listing([listedPod({spec: {containers: []}})]),
      'an image that is no text': listing([listedPod({image: {name: 'x'}})]),
      'an endless image': listing([listedPod({image: 'x'.repeat(5_000)})]),
      'a null for a pod': listing([null]),
    }
    for (const [name, bytes] of Object.entries(cases))
      it(name, () =>
        assert.throws(
          () => parsePodListing(bytes),
          (error: unknown) => error instanceof AppError && error.code === 'usage.input',
        ),
      )
  })

  it('is not led astray by names of JavaScript', () => {
    const item = JSON.stringify(listedPod()).replace('"status"', '"__proto__":{"mirror":true},"status"').replace('"name":"app"', '"name":"__proto__"')
    const [one] = parsePodListing(Buffer.from(`{"kind":"List","items":[${item}]}`)).pods
    assert.deepEqual([one?.mirror, one?.images[0]?.image], [false, IMAGE])
  })
})
