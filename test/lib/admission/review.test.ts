import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parseReview} from '../../../src/lib/admission/review.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {container, pod, review, reviewValue, UID} from './reviews.ts'

const A = `registry.example/team/app@sha256:${'a'.repeat(64)}`

function refusal(bytes: Uint8Array | string): string {
  try {
    parseReview(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    assert.equal(error.code, 'usage.input')
    return error.message
  }
  return 'accepted'
}

describe('parseReview', () => {
  it('reads who asks for what, where', () => {
    const {pod: parsed, oldPod, ...rest} = parseReview(review({containers: [container(A)]}))
    assert.deepEqual(rest, {
      uid: UID,
      user: 'system:serviceaccount:kube-system:replicaset-controller',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      namespace: 'patient-api',
      operation: 'CREATE',
      subresource: undefined,
      dryRun: false,
    })
    assert.equal(oldPod, undefined)
    assert.equal(parsed.spec.containers[0]?.image, A)
  })

  it('takes nulls and absent members for nothing', () => {
    const read = parseReview(
      review({
        request: {subResource: '', dryRun: null, userInfo: {username: null, groups: null}},
        metadata: {ownerReferences: null, uid: null, namespace: null},
      }),
    )
    assert.deepEqual([read.subresource, read.dryRun, read.user, read.groups], [undefined, false, undefined, []])
    assert.deepEqual([read.pod.spec.containers, read.pod.spec.volumes, read.pod.metadata.ownerReferences], [[], [], []])
  })

  it('reads the old pod of an UPDATE only', () => {
    const old = pod({containers: [container(A)]})
    const operation = (name: string, more = {}) => parseReview(review({old, request: {operation: name, ...more}})).oldPod !== undefined
    assert.equal(operation('UPDATE'), true)
    assert.equal(operation('UPDATE', {subResource: 'ephemeralcontainers'}), true)
    assert.equal(operation('CREATE'), false)
    assert.equal(parseReview(review({request: {operation: 'UPDATE'}})).oldPod, undefined)
  })

  it('tells what it was given instead of a review, and what to give', () => {
    const plain = Buffer.from(JSON.stringify(pod({containers: [container(A)]})))
    assert.match(refusal(plain), /this is a "Pod", not an AdmissionReview/)
    try {
      parseReview(plain)
    } catch (error) {
      assert.match(error instanceof AppError ? (error.suggestions[0] ?? '') : '', /"kind": "AdmissionReview"/)
    }
    assert.match(refusal('{"kind":"Deployment"}'), /"Deployment"/)
    assert.match(refusal('{}'), /an object without a kind/)
    assert.match(refusal(JSON.stringify({...reviewValue(), apiVersion: 'admission.k8s.io/v1beta1'})), /v1beta1/)
    assert.match(refusal('{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"x","allowed":true}}'), /no request/)
  })

  it('judges pods, and of their subresources only the one that brings images', () => {
    assert.match(refusal(review({request: {resource: {group: 'apps', version: 'v1', resource: 'deployments'}}})), /"deployments"/)
    assert.match(refusal(review({request: {resource: {group: 'example.com', version: 'v1', resource: 'pods'}}})), /only pods/)
    for (const subResource of ['status', 'exec', 'binding', 'resize']) assert.match(refusal(review({request: {subResource}})), /brings no images/)
    for (const operation of ['DELETE', 'CONNECT', 'create', '']) assert.match(refusal(review({request: {operation}})), /only CREATE and UPDATE/)
  })

  it('never takes what is of the wrong shape for "no images"', () => {
    const wrong: Record<string, unknown>[] = [
      {containers: {}},
      {containers: 'image'},
      {containers: [null]},
      {containers: [{image: {}}]},
      {containers: [{image: ['x']}]},
      {initContainers: 7},
      {ephemeralContainers: [7]},
      {volumes: [{image: 'text'}]},
      {volumes: [{image: {reference: 7}}]},
      {volumes: {length: 0}},
    ]
    for (const input of wrong) assert.match(refusal(review(input)), /^request\.object\.spec\./, JSON.stringify(input))
    for (const object of [null, undefined, [], 'pod', {}, {metadata: {}}, {kind: 'Deployment', metadata: {}, spec: {}}])
      assert.match(refusal(review({request: {object}})), /^request\.object/, JSON.stringify(object))
    assert.match(refusal(review({request: {operation: 'UPDATE', oldObject: []}})), /^request\.oldObject/)
  })

  it('refuses a pod that says another namespace than the request', () => {
    assert.match(refusal(review({metadata: {namespace: 'kube-system'}})), /"kube-system"/)
  })

  it('refuses names that no API server gives', () => {
    for (const uid of ['', 'a b', '../x', 'x'.repeat(129), 7, null]) assert.match(refusal(review({request: {uid}})), /request\.uid/)
    for (const namespace of ['', 'Prod', '*', 'a/b', '-a', 'x'.repeat(64), null]) assert.match(refusal(review({request: {namespace}})), /request\.namespace/)
  })

  it('bounds bytes, lists and texts', () => {
    assert.match(refusal(Buffer.alloc(8 * 1024 * 1024 + 1, ' ')), /at most/)
    assert.match(refusal(review({containers: Array.from({length: 1_001}, () => container(A))})), /spec\.containers/)
    assert.match(refusal(review({containers: [container('x'.repeat(4_097))]})), /image/)
    assert.match(refusal(review({request: {userInfo: {username: 'x'.repeat(4_097)}}})), /username/)
  })

  it('is not moved by member names that mean something to JavaScript', () => {
    const text = JSON.stringify(reviewValue({containers: [container(A)]})).replace('"spec":{', '"__proto__":{"containers":[]},"constructor":{},"spec":{')
    assert.equal(parseReview(Buffer.from(text)).pod.spec.containers.length, 1)
  })

  it('refuses what is not JSON or not UTF-8', () => {
    for (const text of ['', 'kind: Pod\n', '{"kind":', '[[[['.repeat(10_000)]) assert.match(refusal(text), /not JSON/)
    assert.match(refusal(Buffer.from([0x7b, 0xff, 0x7d])), /not JSON/)
    for (const text of ['null', '7', '"x"', '[]']) assert.notEqual(refusal(text), 'accepted')
  })

  it('answers anything with a refusal, never with a crash', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.notEqual(refusal(text), 'accepted')))
    fc.assert(
      fc.property(
        fc.anything(),
        fc.constantFrom('object', 'userInfo', 'resource', 'subResource', 'operation', 'dryRun'),
        (value, name) => void refusal(review({request: {[name]: value}})),
      ),
    )
  })
})
