/** An object as a Kubernetes API server takes it. */
export interface ClusterObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    /** Absent where the kind is the cluster's own. */
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [member: string]: unknown
}

/** What all that is installed has in common: `kubectl get -l app.kubernetes.io/part-of=hipaa-ci` lists it. */
export const LABELS = {'app.kubernetes.io/name': 'hipaa-ci', 'app.kubernetes.io/part-of': 'hipaa-ci'}
