/** What makes pods: the person who brings it is told, and nothing is kept out. */
import assert from 'node:assert/strict'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {allows, REFUSES, refuses, warns, withGate} from './gate.ts'

const WEB = 'registry.test/web@sha256:aa'
const template = (image = WEB) => ({spec: {initContainers: [container('init')], containers: [container(image)], volumes: [{image: {reference: 'models'}}]}})
const FOUND = ['spec.initContainers[0] init', `spec.containers[0] ${WEB}`, 'spec.volumes[0].image models']

interface Maker {
  readonly kind: string
  readonly group?: string
  readonly spec?: unknown
  readonly metadata?: unknown
  readonly request?: Readonly<Record<string, unknown>>
}

const makerReview = ({kind, group = 'apps', spec = {template: template()}, metadata = {name: 'web'}, request = {}}: Maker) =>
  reviewValue({request: {kind: {group, version: 'v1', kind}, object: {apiVersion: `${group}/v1`, kind, metadata, spec}, ...request}})

describe('advice', () => {
  for (const [kind, group, spec, prefix] of [
    ['Deployment', 'apps', {template: template()}, 'spec.template.'],
    ['StatefulSet', 'apps', {template: template()}, 'spec.template.'],
    ['DaemonSet', 'apps', {template: template()}, 'spec.template.'],
    ['ReplicaSet', 'apps', {template: template()}, 'spec.template.'],
    ['Job', 'batch', {template: template()}, 'spec.template.'],
    ['CronJob', 'batch', {jobTemplate: {spec: {template: template()}}}, 'spec.jobTemplate.spec.template.'],
  ] as const)
    it(`warns of a ${kind} whose pods will be refused, and looks at every image of its template`, () =>
      withGate(refuses, {}, async ({review, asked}) => {
        const {violations} = await review(makerReview({kind, group, spec}))
        assert.deepEqual(
          violations.map(({constraint, action, message}) => [constraint, action, message]),
          [['hipaa-ci-images-advice', 'warn', REFUSES.message]],
        )
        const [{mode, ask} = assert.fail('nothing was asked')] = asked()
        assert.deepEqual([mode, ask.kind, ask.name], ['advice', kind, 'web'])
        assert.deepEqual(
          ask.images.map(({path, image}) => `${path} ${image}`),
          FOUND.map((found) => `${prefix}${found}`),
        )
      }))

  it('is silent where the pods will be admitted', () =>
    withGate(allows, {}, async ({review}) => assert.deepEqual((await review(makerReview({kind: 'Deployment'}))).violations, [])))

  it('comes also where a refusal would only warn', () =>
    withGate(warns, {}, async ({review}) => assert.equal((await review(makerReview({kind: 'Deployment'}))).violations.length, 1)))

  const updated = (old: unknown) => ({operation: 'UPDATE', oldObject: {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web'}, spec: old}})

  it('is given anew where the template changes, about all of its images: its pods will be new', () =>
    withGate(refuses, {}, async ({review, asked}) => {
      const old = {template: {...template(), metadata: {annotations: {restarted: 'before'}}}}
      assert.equal((await review(makerReview({kind: 'Deployment', request: updated(old)}))).violations.length, 1)
      assert.ok(asked()[0]?.ask.images.every(({unchanged}) => !unchanged))
    }))

  it('is not asked for where the template stays: a controller writes a Deployment often', () =>
    withGate(refuses, {}, async ({review, provider}) => {
      const object = {kind: 'Deployment', spec: {template: template(), replicas: 3}}
      assert.deepEqual((await review(makerReview({...object, request: updated({template: template(), replicas: 2})}))).violations, [])
      assert.deepEqual(provider.asked, [])
    }))

  it('is not asked for what was made by something that was asked about', () =>
    withGate(refuses, {}, async ({review, provider}) => {
      const metadata = {name: 'web-5d9', ownerReferences: [{kind: 'Deployment', name: 'web', controller: true}]}
      assert.deepEqual((await review(makerReview({kind: 'ReplicaSet', metadata}))).violations, [])
      assert.deepEqual(provider.asked, [])
    }))

  it('is not given in an audit, which looks at the pods themselves', () =>
    withGate(refuses, {audit: true}, async ({review, provider}) => {
      assert.deepEqual((await review(makerReview({kind: 'Deployment', metadata: {name: 'web', namespace: 'patient-api'}}))).violations, [])
      assert.deepEqual(provider.asked, [])
    }))
})
