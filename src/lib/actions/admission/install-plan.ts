/** What the steps of an installation, and the notes beside them, depend on. */
import type {Rollout} from '../../config/admission-schema.ts'

export interface InstallPlan {
  readonly cluster: string
  /** As --policy named it. */
  readonly policy: string
  readonly namespace: string
  readonly certificates: 'self' | 'cert-manager'
  /** Absolute; undefined where all of it is printed. */
  readonly folder: string | undefined
  /** Only what makes the certificate is there yet. */
  readonly isFirst: boolean
  /** A private key is written. */
  readonly secret: boolean
  readonly roleArn?: string
  readonly registrySecret?: string
  readonly registryCa?: string
  readonly gatekeeperAuthority?: string
  /** `redaction.key` of the policy. */
  readonly redacts: string | undefined
  readonly exempt: readonly string[]
  readonly rollout: readonly Rollout[]
  /** How often a pod is asked about. */
  readonly asked: 'once' | 'twice' | 'unknown'
}
