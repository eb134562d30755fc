import assert from 'node:assert/strict'
import {podImages} from '../../../src/lib/admission/pod-images.ts'
import {parseReview} from '../../../src/lib/admission/review.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {container, pod, review, type ReviewInput} from './reviews.ts'

const image = (name: string): string => `registry.example/${name}@sha256:${'a'.repeat(64)}`

function found(input: ReviewInput): string[] {
  return podImages(parseReview(review(input))).map((each) => `${each.path} ${each.image}${each.unchanged ? ' unchanged' : ''}`)
}

describe('podImages', () => {
  it('finds containers of all three kinds, and image volumes', () => {
    const input = {
      containers: [container(image('app')), container(image('proxy'))],
      initContainers: [container(image('setup'))],
      ephemeralContainers: [{...Object(container(image('debug'))), targetContainerName: 'app'} as unknown],
      volumes: [
        {name: 'tmp', emptyDir: {}},
        {name: 'model', image: {reference: image('model'), pullPolicy: 'Always'}},
      ],
    }
    assert.deepEqual(found(input), [
      `spec.initContainers[0] ${image('setup')}`,
      `spec.containers[0] ${image('app')}`,
      `spec.containers[1] ${image('proxy')}`,
      `spec.ephemeralContainers[0] ${image('debug')}`,
      `spec.volumes[1].image ${image('model')}`,
    ])
  })

  it('lists a place that names no image: it must not be passed over', () => {
    assert.deepEqual(found({containers: [container(null), {name: 'app'}, container('')], volumes: [{name: 'v', image: {}}]}), [
      'spec.containers[0] ',
      'spec.containers[1] ',
      'spec.containers[2] ',
      'spec.volumes[0].image ',
    ])
  })

  it('refuses a pod without images, and one with very many', () => {
    const refused = (input: ReviewInput) =>
      assert.throws(
        () => found(input),
        (error) => error instanceof AppError && error.code === 'usage.input',
      )
    refused({})
    refused({volumes: [{name: 'tmp', emptyDir: {}}]})
    refused({containers: Array.from({length: 257}, () => container(image('app')))})
    assert.equal(found({containers: Array.from({length: 256}, () => container(image('app')))}).length, 256)
  })

  it('takes a container more for new, although another one runs the same tag: it may have moved', () => {
    const old = pod({containers: [container('web:1')]})
    const input = {containers: [container('web:1')], ephemeralContainers: [container('web:1')], old}
    assert.deepEqual(found({...input, request: {operation: 'UPDATE', subResource: 'ephemeralcontainers'}}), [
      'spec.containers[0] web:1 unchanged',
      'spec.ephemeralContainers[0] web:1',
    ])
  })

  it('knows what an updated pod runs already, wherever it ran it', () => {
    const old = pod({containers: [container(image('app'))], initContainers: [container(image('setup'))]})
    const input = {
      containers: [container(image('app')), container(image('setup'))],
      ephemeralContainers: [container(image('debug'))],
      old,
      request: {operation: 'UPDATE'},
    }
    assert.deepEqual(found(input), [
      `spec.containers[0] ${image('app')} unchanged`,
      `spec.containers[1] ${image('setup')} unchanged`,
      `spec.ephemeralContainers[0] ${image('debug')}`,
    ])
  })

  it('believes an old pod only of an UPDATE', () => {
    const old = pod({containers: [container(image('app'))]})
    assert.deepEqual(found({containers: [container(image('app'))], old}), [`spec.containers[0] ${image('app')}`])
  })

  it('takes no image for unchanged because both pods name none', () => {
    const old = pod({containers: [container(null)]})
    assert.deepEqual(found({containers: [container(null)], old, request: {operation: 'UPDATE'}}), ['spec.containers[0] '])
  })
})
