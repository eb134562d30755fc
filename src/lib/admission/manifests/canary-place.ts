/**
 * Where the canary's pod is offered, and what the canary may do: offer it, there, in a dry run, and nothing else.
 *
 * A role cannot tell a dry run from the real thing, so a policy of the API server does, whoever asks: nothing ever runs in
 * that namespace. It is looked into as any other is: it is never exempt, and no rollout covers it.
 */
import type {ClusterObject} from './cluster-object.ts'
import {CANARY, CANARY_LABELS} from './names.ts'
import {awsRole, restrictedNamespace} from './place.ts'

const RBAC = 'rbac.authorization.k8s.io'
const GUARD = `${CANARY}-dry-run`

export function canaryNamespace(): ClusterObject {
  const {apiVersion, kind, metadata} = restrictedNamespace(CANARY)
  return {apiVersion, kind, metadata: {...metadata, labels: {...metadata.labels, ...CANARY_LABELS}}}
}

/** @param namespace that the canary itself runs in */
export function canaryAccount(namespace: string, roleArn: string | undefined): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {name: CANARY, namespace, labels: CANARY_LABELS, ...awsRole(roleArn)},
    automountServiceAccountToken: false,
  }
}

export function canaryRole(): ClusterObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: {name: CANARY, namespace: CANARY, labels: CANARY_LABELS},
    rules: [{apiGroups: [''], resources: ['pods'], verbs: ['create']}],
  }
}

/** @param namespace that the canary itself runs in */
export function canaryBinding(namespace: string): ClusterObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: {name: CANARY, namespace: CANARY, labels: CANARY_LABELS},
    roleRef: {apiGroup: RBAC, kind: 'Role', name: CANARY},
    subjects: [{kind: 'ServiceAccount', name: CANARY, namespace}],
  }
}

export function canaryGuard(): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: {name: GUARD, labels: CANARY_LABELS},
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: {matchLabels: {'kubernetes.io/metadata.name': CANARY}},
        resourceRules: [{apiGroups: [''], apiVersions: ['*'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced'}],
      },
      validations: [
        {
          expression: 'has(request.dryRun) && request.dryRun',
          message: `hipaa-ci: in namespace ${CANARY} pods are offered in a dry run only; nothing runs there`,
          reason: 'Forbidden',
        },
      ],
    },
  }
}

/** `Audit` besides: who tried stands in the API server's audit log by the guard's name. */
export function canaryGuardBinding(): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: {name: GUARD, labels: CANARY_LABELS},
    spec: {policyName: GUARD, validationActions: ['Deny', 'Audit']},
  }
}
