/**
 * The provider itself. A StatefulSet, because each replica has a write-ahead log that outlives it: what was answered and
 * not yet shipped is shipped by the next pod on the same volume. So the volumes stay also where the set is removed.
 *
 * All replicas start at once, and before all else that is not the cluster's own: after a loss of every node nothing else
 * can start without them.
 */
import {LABELS, type ClusterObject} from './cluster-object.ts'
import {GATEKEEPER_CA, PORTS, SERVER, TLS_SECRET} from './names.ts'
import {FOLDERS, serverArguments, type ServerArguments} from './server-arguments.ts'

const SELECTED = {'app.kubernetes.io/name': LABELS['app.kubernetes.io/name']}
/** Of the usual distroless images. */
const NOBODY = 65_532
/** The log's own bound is 256 MB. */
const LOG_SIZE = '1Gi'

export interface ServerWorkload extends ServerArguments {
  readonly namespace: string
  /** By digest. */
  readonly image: string
  readonly policyVolume: object
}

export function serverWorkload({namespace, image, policyVolume, ...args}: ServerWorkload): ClusterObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {name: SERVER, namespace},
    spec: {
      replicas: 3,
      serviceName: SERVER,
      podManagementPolicy: 'Parallel',
      selector: {matchLabels: SELECTED},
      persistentVolumeClaimRetentionPolicy: {whenDeleted: 'Retain', whenScaled: 'Retain'},
      template: {
        metadata: {labels: LABELS, annotations: {'kubectl.kubernetes.io/default-container': SERVER}},
        spec: {
          serviceAccountName: SERVER,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical',
          terminationGracePeriodSeconds: 30,
          topologySpreadConstraints: [spread('kubernetes.io/hostname', 'DoNotSchedule'), spread('topology.kubernetes.io/zone', 'ScheduleAnyway')],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: NOBODY,
            runAsGroup: NOBODY,
            fsGroup: NOBODY,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: {type: 'RuntimeDefault'},
          },
          containers: [container(image, serverArguments(args))],
          volumes: [
            {name: 'policy', ...policyVolume},
            {name: 'tls', secret: {secretName: TLS_SECRET, defaultMode: 0o440}},
            {name: 'gatekeeper', configMap: {name: GATEKEEPER_CA}},
            {name: 'scratch', emptyDir: {sizeLimit: '256Mi'}},
          ],
        },
      },
      volumeClaimTemplates: [{metadata: {name: 'log', labels: LABELS}, spec: {accessModes: ['ReadWriteOnce'], resources: {requests: {storage: LOG_SIZE}}}}],
    },
  }
}

/** One replica at a time may go away by somebody's will. */
export function disruptionBudget(namespace: string): ClusterObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {name: SERVER, namespace},
    spec: {maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: {matchLabels: SELECTED}},
  }
}

function container(image: string, args: readonly string[]): object {
  return {
    name: SERVER,
    image,
    imagePullPolicy: 'IfNotPresent',
    args,
    workingDir: FOLDERS.policy,
    env: [{name: 'HOME', value: FOLDERS.scratch}],
    ports: [
      {name: 'serve', containerPort: PORTS.serve, protocol: 'TCP'},
      {name: 'observe', containerPort: PORTS.observe, protocol: 'TCP'},
    ],
    resources: {requests: {cpu: '250m', memory: '384Mi', 'ephemeral-storage': '64Mi'}, limits: {memory: '768Mi', 'ephemeral-storage': '512Mi'}},
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: {drop: ['ALL']}},
    startupProbe: probe('/healthz', {periodSeconds: 2, failureThreshold: 60}),
    readinessProbe: probe('/readyz', {periodSeconds: 5, failureThreshold: 2}),
    livenessProbe: probe('/healthz', {periodSeconds: 10, failureThreshold: 6}),
    volumeMounts: [
      {name: 'policy', mountPath: FOLDERS.policy, readOnly: true},
      {name: 'tls', mountPath: FOLDERS.tls, readOnly: true},
      {name: 'gatekeeper', mountPath: FOLDERS.gatekeeper, readOnly: true},
      {name: 'log', mountPath: FOLDERS.log},
      {name: 'scratch', mountPath: FOLDERS.scratch},
    ],
  }
}

function spread(topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): object {
  return {topologyKey, whenUnsatisfiable, maxSkew: 1, labelSelector: {matchLabels: SELECTED}}
}

function probe(path: string, others: object): object {
  return {httpGet: {path, port: 'observe', scheme: 'HTTP'}, timeoutSeconds: 2, ...others}
}
