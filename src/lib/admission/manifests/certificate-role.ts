/**
 * What lets Gatekeeper write the authority of its certificate into our webhook, and write it anew when that is replaced:
 * without it the API server trusts nobody there, and every pod is refused.
 *
 * Its own role reads all there is and changes its own webhook alone, by name. This one has the same verbs for ours, but to
 * make and to remove it.
 *
 * It has to be there before Gatekeeper is told to: a Gatekeeper that may not write what it is told to write is never ready.
 */
import type {ClusterObject} from './cluster-object.ts'
import {GATEKEEPER_ACCOUNT, GATEKEEPER_NAMESPACE, WEBHOOK} from './names.ts'

const RBAC = 'rbac.authorization.k8s.io'
const NAME = 'hipaa-ci-webhook-certificate'

export function certificateRole(): ClusterObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: {name: NAME},
    rules: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations'],
        resourceNames: [WEBHOOK],
        verbs: ['get', 'list', 'watch', 'update', 'patch'],
      },
    ],
  }
}

export function certificateRoleBinding(): ClusterObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: {name: NAME},
    roleRef: {apiGroup: RBAC, kind: 'ClusterRole', name: NAME},
    subjects: [{kind: 'ServiceAccount', name: GATEKEEPER_ACCOUNT, namespace: GATEKEEPER_NAMESPACE}],
  }
}
