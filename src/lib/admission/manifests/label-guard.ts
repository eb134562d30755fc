/**
 * Gatekeeper's general webhook does not look into a namespace that carries its ignore label. This keeps the label off, on
 * every road by which an API server changes labels: the namespace itself, its status, and its finalization.
 *
 * A namespace that carried it before may go on with it, unchanged: else it could not even be removed. Exempt ones may,
 * because nobody looks into them anyway, and Gatekeeper's own carries it from the start.
 */
import type {ClusterObject} from './cluster-object.ts'

export const IGNORE_LABEL = 'admission.gatekeeper.sh/ignore'
const NAME = 'hipaa-ci-ignore-label'

export function labelGuard(exempt: readonly string[]): ClusterObject {
  const has = (object: string) => `(has(${object}.metadata.labels) && '${IGNORE_LABEL}' in ${object}.metadata.labels)`
  const value = (object: string) => `${object}.metadata.labels['${IGNORE_LABEL}']`
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: {name: NAME},
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'],
            scope: '*',
          },
        ],
      },
      variables: [
        {name: 'exempt', expression: `object.metadata.name in [${exempt.map((name) => `'${name}'`).join(', ')}]`},
        {name: 'unchanged', expression: `oldObject != null && ${has('oldObject')} && ${value('oldObject')} == ${value('object')}`},
      ],
      validations: [
        {
          expression: `!${has('object')} || variables.exempt || variables.unchanged`,
          messageExpression: `"hipaa-ci: the label ${IGNORE_LABEL} would keep the images of namespace " + object.metadata.name + " from being looked at; a namespace is left out by admission.exempt of the policy"`,
          reason: 'Forbidden',
        },
      ],
    },
  }
}

/** `Audit` besides: the refusal then stands in the API server's audit log by the guard's name. */
export function labelGuardBinding(): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: {name: NAME},
    spec: {policyName: NAME, validationActions: ['Deny', 'Audit']},
  }
}
