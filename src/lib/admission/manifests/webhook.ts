/**
 * Our own question to Gatekeeper, beside its general one: about pods alone, so that it can be failed closed without
 * stopping the cluster's own housekeeping.
 *
 * Selected by the name of the namespace, which nobody can forge; never by a label that somebody may set. The second entry
 * is about what makes pods, and only advises: it is asked while a person waits, and keeps nothing out, also where nobody answers.
 * The authority of Gatekeeper's certificate is left to Gatekeeper, which writes it here and keeps it right.
 */
import type {ClusterObject} from './cluster-object.ts'
import {GATEKEEPER_NAMESPACE, GATEKEEPER_SERVICE, WEBHOOK} from './names.ts'

/** Of the API server; the provider answers in less. */
const SECONDS = 10
const OPERATIONS = ['CREATE', 'UPDATE']

/** @param exempt namespaces that are not asked about */
export function webhook(exempt: readonly string[]): ClusterObject {
  const both = {
    admissionReviewVersions: ['v1'],
    clientConfig: {service: {name: GATEKEEPER_SERVICE, namespace: GATEKEEPER_NAMESPACE, path: '/v1/admit', port: 443}},
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: SECONDS,
    namespaceSelector: {matchExpressions: [{key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...exempt]}]},
  }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {name: WEBHOOK},
    webhooks: [
      {name: 'pods.images.hipaa-ci', ...both, failurePolicy: 'Fail', rules: [rule('', ['pods', 'pods/ephemeralcontainers'])]},
      {
        name: 'workloads.images.hipaa-ci',
        ...both,
        failurePolicy: 'Ignore',
        rules: [rule('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']), rule('batch', ['jobs', 'cronjobs'])],
      },
    ],
  }
}

function rule(apiGroup: string, resources: readonly string[]): object {
  return {apiGroups: [apiGroup], apiVersions: ['*'], operations: OPERATIONS, resources, scope: 'Namespaced'}
}
