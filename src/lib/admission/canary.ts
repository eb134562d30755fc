/**
 * A pod that has to be refused, and what an answer to it means. Pure.
 *
 * It asks for little and may do nothing, so that no other rule of a cluster has a reason to refuse it.
 */
import type {PodOffer} from '../ports/cluster.ts'
import type {DetailOf} from '../evidence/schema.ts'

export interface CanaryAnswer {
  readonly answer: DetailOf<'canary'>['answer']
  /** A code; absent where our constraint refused it. */
  readonly reason?: string
  readonly message: string
}

/** Gatekeeper puts the constraint's name before what it says. */
const OURS = /denied the request:[\s\S]*\[hipaa-ci-images\] /

/** @param image that nobody has signed, by digest */
export function canaryPod(name: string, image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, labels: {'app.kubernetes.io/name': 'hipaa-ci-canary'}},
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: 'RuntimeDefault'}},
      containers: [
        {
          name: 'canary',
          image,
          resources: {requests: {cpu: '1m', memory: '1Mi'}, limits: {cpu: '10m', memory: '16Mi'}},
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: ['ALL']}},
        },
      ],
    },
  }
}

/** Only a refusal by our own constraint shows that it refuses: somebody else's says nothing of ours. */
export function readOffer(offer: PodOffer): CanaryAnswer {
  if (offer.kind === 'admitted')
    return {answer: 'admitted', reason: 'canary.admitted', message: 'a pod with an image that nobody signed would have been let in'}
  if (offer.kind === 'unreachable') return {answer: 'unknown', reason: 'canary.unreachable', message: offer.message}
  const {message, status} = offer
  if (OURS.test(message)) return {answer: 'refused', message}
  if (/failed calling webhook/.test(message)) return {answer: 'unknown', reason: 'canary.webhook-failed', message}
  if (/is forbidden: User /.test(message) || status === 401) return {answer: 'unknown', reason: 'canary.not-permitted', message}
  return {answer: 'unknown', reason: 'canary.refused-by-others', message}
}
