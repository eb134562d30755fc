/** The ConstraintTemplate: the kind `HipaaCiImages`, its parameters, and the rule itself. */
import {CONSTRAINT_REGO} from './constraint-rego.ts'

export const CONSTRAINT_KIND = 'HipaaCiImages'

/** Gatekeeper 3.22 or newer (templates.gatekeeper.sh/v1); the template's name has to be its kind in lower case. */
export function constraintTemplate() {
  return {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: {
      name: CONSTRAINT_KIND.toLowerCase(),
      annotations: {
        'metadata.gatekeeper.sh/requires-gatekeeper': '>=3.22.0',
        description: 'Pods whose images have the evidence that the policy asks for, as the provider of hipaa-ci judges and records it.',
      },
    },
    spec: {
      crd: {
        spec: {
          names: {kind: CONSTRAINT_KIND},
          validation: {
            openAPIV3Schema: {
              type: 'object',
              required: ['provider', 'on'],
              properties: {
                provider: {type: 'string', minLength: 1, description: 'Name of the Provider (externaldata.gatekeeper.sh) that judges.'},
                on: {
                  type: 'string',
                  enum: ['deny', 'warn', 'advice'],
                  description:
                    'deny: a violation is what must not run, or has no verdict. warn: what runs although it was refused. advice: whose pods will be refused.',
                },
              },
            },
          },
        },
      },
      targets: [{target: 'admission.k8s.gatekeeper.sh', code: [{engine: 'Rego', source: {version: 'v1', rego: CONSTRAINT_REGO}}]}],
    },
  }
}
