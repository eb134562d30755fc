/**
 * What engineers may do: their work, and nothing that decides what may run.
 *
 * Two roles, because a role can't leave a namespace out: the work is given namespace by namespace (a RoleBinding in each
 * that is theirs, never in the provider's), and the look around the cluster is given once. A list of what is allowed, so
 * that a kind that comes later is not theirs by chance. No namespaces, no roles, no `*`.
 */
import type {ClusterObject} from './cluster-object.ts'

const LOOK = ['get', 'list', 'watch']
const WORK = [...LOOK, 'create', 'update', 'patch', 'delete']

export const ENGINEER = 'hipaa-ci-engineer'
export const ENGINEER_LOOK = 'hipaa-ci-engineer-look'

export function engineerRole(): ClusterObject {
  return role(ENGINEER, [
    {apiGroups: [''], resources: ['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims', 'serviceaccounts'], verbs: WORK},
    {apiGroups: [''], resources: ['pods/log', 'pods/status', 'events', 'endpoints', 'resourcequotas', 'limitranges'], verbs: LOOK},
    {apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['get', 'update', 'patch']},
    {apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], verbs: ['get', 'create']},
    {apiGroups: [''], resources: ['pods/eviction'], verbs: ['create']},
    {apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], verbs: WORK},
    {apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale', 'replicasets/scale'], verbs: ['get', 'update', 'patch']},
    {apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: WORK},
    {apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: WORK},
    {apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: WORK},
    {apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs: WORK},
  ])
}

export function engineerLookRole(): ClusterObject {
  return role(ENGINEER_LOOK, [
    {apiGroups: [''], resources: ['namespaces', 'nodes', 'persistentvolumes'], verbs: LOOK},
    {apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: LOOK},
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
      verbs: LOOK,
    },
    {apiGroups: ['templates.gatekeeper.sh', 'constraints.gatekeeper.sh', 'externaldata.gatekeeper.sh'], resources: ['*'], verbs: LOOK},
  ])
}

function role(name: string, rules: readonly object[]): ClusterObject {
  return {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: {name}, rules}
}
