/** What stands on one side only: in an independent source, or in the evidence. */
import type {Cause} from './unverified-causes.ts'

/**
 * `unverified-workload`: no record let it in. `image-not-admitted`: the pod was let in, and this image of it was not.
 * `other-digest`: what runs is not what was let in. `digest-not-checked`: it could not be told. `uid-of-another`: the
 * record under this uid is of a pod of another name. `no-pod`: let in, and not there: the answer was lost, or it came and went.
 * `reply-lost`: let in, and the API server never made it. Of an audit log: `failed-open`, `enforcement-changed`,
 * `enforcement-attempt` (denied), `ignore-label`, `namespace-changed`, `refused-without-record`.
 */
export type DifferenceReason =
  | 'unverified-workload'
  | 'image-not-admitted'
  | 'other-digest'
  | 'digest-not-checked'
  | 'uid-of-another'
  | 'no-pod'
  | 'reply-lost'
  | 'failed-open'
  | 'enforcement-changed'
  | 'enforcement-attempt'
  | 'ignore-label'
  | 'namespace-changed'
  | 'refused-without-record'

export interface Difference {
  readonly side: 'source' | 'evidence'
  readonly reason: DifferenceReason
  /** `namespace/pod`, or what was changed. */
  readonly what: string
  /** Somebody has to look at it; what is explained or only informs is not. */
  readonly open: boolean
  readonly time: string
  readonly uid?: string
  readonly causes?: readonly Cause[]
  readonly image?: string
  readonly admitted?: readonly string[]
  readonly runs?: string
  readonly phase?: string
  readonly owners?: readonly {readonly kind: string; readonly name: string}[]
  readonly user?: string
  readonly arn?: string
  readonly verb?: string
  /** What is said of it beside: a webhook that failed open, an answer of the API server. */
  readonly says?: string
  readonly records?: readonly string[]
}
