/**
 * The canary: one pod that offers another one, at its start and every five minutes, and records whether it was refused.
 *
 * It stands apart from the provider, so that it tells also while that is gone: with an account of its own, whose token it
 * needs, and never two at a time, or one would hide that the other stopped.
 */
import type {ClusterObject} from './cluster-object.ts'
import {CANARY, CANARY_LABELS} from './names.ts'
import {CONTAINER_SAFETY, POD_SAFETY} from './pod-safety.ts'
import {fetchAccess, type RegistryAccess} from './registry-access.ts'
import {FOLDERS, type ServerArguments} from './server-arguments.ts'

export interface CanaryWorkload extends ServerArguments, RegistryAccess {
  readonly namespace: string
  /** By digest. */
  readonly image: string
  readonly policyVolume: object
}

export function canaryWorkload({namespace, image, policyVolume, cluster, policy, store, ...registries}: CanaryWorkload): ClusterObject {
  const access = fetchAccess(registries)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: CANARY, namespace, labels: CANARY_LABELS},
    spec: {
      replicas: 1,
      strategy: {type: 'Recreate'},
      selector: {matchLabels: {'app.kubernetes.io/name': CANARY}},
      template: {
        metadata: {labels: CANARY_LABELS},
        spec: {
          serviceAccountName: CANARY,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 60,
          securityContext: POD_SAFETY,
          ...access.pod,
          containers: [
            {
              name: CANARY,
              image,
              imagePullPolicy: 'IfNotPresent',
              args: ['admission', 'canary', `--cluster=${cluster}`, `--namespace=${CANARY}`, `--policy=${policy}`, `--store=${store}`, '--every=5m'],
              workingDir: FOLDERS.policy,
              env: [{name: 'HOME', value: FOLDERS.scratch}, ...access.env],
              resources: {requests: {cpu: '10m', memory: '128Mi', 'ephemeral-storage': '16Mi'}, limits: {memory: '256Mi', 'ephemeral-storage': '128Mi'}},
              securityContext: CONTAINER_SAFETY,
              volumeMounts: [{name: 'policy', mountPath: FOLDERS.policy, readOnly: true}, {name: 'scratch', mountPath: FOLDERS.scratch}, ...access.mounts],
            },
          ],
          volumes: [{name: 'policy', ...policyVolume}, {name: 'scratch', emptyDir: {sizeLimit: '64Mi'}}, ...access.volumes],
        },
      },
    },
  }
}
