/** Who stands behind a pod, by an audit log as EKS writes it. Synthetic; labels and annotations as Flux and Argo CD write them. */
import assert from 'node:assert/strict'
import {auditBook} from '../../../src/lib/admission/audit-book.ts'
import {auditEvents} from '../../../src/lib/admission/audit-event.ts'
import {personBehind} from '../../../src/lib/admission/person-behind.ts'
import {auditEvent} from './audit-events.ts'

const START = Date.parse('2026-06-15T10:00:00Z')
const ARGO = 'system:serviceaccount:argocd:argocd-application-controller'
const FLUX = 'system:serviceaccount:flux-system:kustomize-controller'
const DEPLOYMENT = {resource: 'deployments', apiGroup: 'apps', namespace: 'web', name: 'web'}
const APPLICATION = {resource: 'applications', apiGroup: 'argoproj.io', namespace: 'argocd', name: 'web-app'}
const KUSTOMIZATION = {resource: 'kustomizations', apiGroup: 'kustomize.toolkit.fluxcd.io', namespace: 'flux-system', name: 'apps'}
const BY_ARGO = {metadata: {annotations: {'argocd.argoproj.io/tracking-id': 'web-app:apps/Deployment:web/web'}}}
const BY_FLUX = {metadata: {labels: {'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system'}}}

type Change = readonly [minute: number, user: string, objectRef: object, more?: object]

/** Behind a pod of the Deployment that was made after an hour. */
function behind(...changes: readonly Change[]) {
  const book = auditBook()
  for (const [minute, username, objectRef, more = {}] of changes) {
    const line = auditEvent({verb: 'patch', time: new Date(START + minute * 60_000), user: {username}, objectRef: {...objectRef}, more: {...more}})
    for (const event of auditEvents(line).events) book.take(event)
  }
  const owners = [{kind: 'ReplicaSet', name: 'web-6d4cf56db6'}]
  const found = personBehind({namespace: 'web', time: new Date(START + 3_600_000).toISOString(), owners}, book.read().workloads)
  return found === undefined ? undefined : [found.user, found.what, found.automation ?? false, found.through]
}

describe('personBehind', () => {
  it('is who changed the workload last, and none of the cluster’s controllers', () => {
    const controllers: Change[] = [
      [30, 'system:serviceaccount:kube-system:deployment-controller', DEPLOYMENT],
      [31, 'system:kube-controller-manager', DEPLOYMENT],
    ]
    assert.deepEqual(behind([5, 'bob', DEPLOYMENT], [10, 'ada', DEPLOYMENT], ...controllers), ['ada', 'deployments web/web', false, undefined])
    assert.equal(behind(...controllers), undefined)
  })

  it('never is an account: it is told as automation, not whoever changed it before', () => {
    for (const account of [ARGO, FLUX, 'system:serviceaccount:ci:deployer', 'system:node:ip-10-0-0-1'])
      assert.deepEqual(behind([5, 'ada', DEPLOYMENT], [10, account, DEPLOYMENT]), [account, 'deployments web/web', true, undefined], account)
    const impersonating = {impersonatedUser: {username: 'ada'}}
    assert.deepEqual(behind([10, ARGO, DEPLOYMENT, impersonating]), [ARGO, 'deployments web/web', true, undefined])
  })

  it('is who changed the Application that Argo CD says it applied', () => {
    const applied: Change = [10, ARGO, DEPLOYMENT, {requestObject: BY_ARGO}]
    const others: Change[] = [
      [7, ARGO, APPLICATION],
      [8, 'eve', {...APPLICATION, name: 'other-app'}],
      [90, 'mallory', APPLICATION],
    ]
    assert.deepEqual(behind([5, 'ada', APPLICATION], ...others, applied), ['ada', 'applications argocd/web-app', false, ARGO])
    assert.deepEqual(behind(...others, applied), [ARGO, 'deployments web/web', true, undefined])
    const older = {requestObject: {metadata: {labels: {'app.kubernetes.io/instance': 'web-app'}}}}
    assert.deepEqual(behind([5, 'ada', APPLICATION], [10, ARGO, DEPLOYMENT, older])?.[0], 'ada')
    const elsewhere = {requestObject: {metadata: {annotations: {'argocd.argoproj.io/tracking-id': 'team-b_web-app:apps/Deployment:web/web'}}}}
    assert.deepEqual(behind([5, 'ada', APPLICATION], [10, ARGO, DEPLOYMENT, elsewhere])?.[0], ARGO)
  })

  it('is who changed the Kustomization that Flux says it applied, also where only the answer says it', () => {
    for (const more of [{requestObject: BY_FLUX}, {requestObject: {spec: {replicas: 2}}, responseObject: BY_FLUX}])
      assert.deepEqual(behind([5, 'ada', KUSTOMIZATION], [10, FLUX, DEPLOYMENT, more]), ['ada', 'kustomizations flux-system/apps', false, FLUX])
    assert.deepEqual(behind([5, 'ada', {...KUSTOMIZATION, namespace: 'other'}], [10, FLUX, DEPLOYMENT, {requestObject: BY_FLUX}])?.[0], FLUX)
  })

  it('says so where the log holds no object: a policy at level Metadata', () => {
    assert.deepEqual(behind([5, 'ada', KUSTOMIZATION], [10, FLUX, DEPLOYMENT]), [FLUX, 'deployments web/web', true, undefined])
  })
})
