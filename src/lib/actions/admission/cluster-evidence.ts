/** What a store says of one cluster: what was let in and refused, and the times in which it was not covered. */
import type {AdmissionRecord} from '../../admission/allowed-requests.ts'
import type {ClusterTimes} from '../../admission/unverified-causes.ts'
import type {Context} from '../../ports/context.ts'
import {readClusterRecords} from './read-cluster-records.ts'

export interface ClusterEvidence {
  readonly admissions: readonly AdmissionRecord[]
  readonly times: ClusterTimes
  /** Keys. */
  readonly unreadable: readonly string[]
}

/** No glass is broken for longer. */
const WEEK = 8 * 86_400_000

/** @param from milliseconds since 1970. @throws AppError `store.*` */
export async function evidenceOf(cluster: string, from: number, context: Context): Promise<ClusterEvidence> {
  const store = await context.store()
  const admissions = await readClusterRecords('admission', cluster, from, store)
  // The first report says since when anything is covered at all.
  const enforcement = await readClusterRecords('enforcement', cluster, 0, store)
  const canaries = await readClusterRecords('canary', cluster, from, store)
  const glass = await readClusterRecords('break-glass', cluster, Math.max(0, from - WEEK), store)
  return {
    admissions: admissions.records,
    times: {enforcement: enforcement.records, canaries: canaries.records, glass: glass.records},
    unreadable: [admissions, enforcement, canaries, glass].flatMap((read) => read.unreadable),
  }
}
