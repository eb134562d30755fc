/** What a preview says of one image that runs. */
import type {ImageVerdict} from '../../admission/image-verdict.ts'
import type {ReasonCode} from '../../errors.ts'

/** One image as one environment judges it. */
export interface PreviewedImage {
  readonly environment: string | undefined
  readonly image: string
  /** `ours`: by signature and attestations. `rule`: an images rule decided. */
  readonly by: 'ours' | 'rule' | 'refused'
  readonly verdict: ImageVerdict['verdict']
  readonly reasons: readonly ReasonCode[]
  readonly message: string
  /** What really runs under that name, `REPOSITORY@sha256:…` where a node says so; more than one where a tag moved. */
  readonly runs: readonly string[]
  /** `namespace/workload`, each once. */
  readonly workloads: readonly string[]
}
