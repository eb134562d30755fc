/** What is said beside the findings of a verification: how it looked, and what stays open. */
import type {VerifyEvidenceRequest, VerifyEvidenceResult} from './verify-result.ts'

export interface Circumstances {
  readonly request: VerifyEvidenceRequest
  readonly sealed: boolean
  /** It was held against a checkpoint that was kept elsewhere. */
  readonly continued: boolean
  /** `sealing` is configured. */
  readonly owed: boolean
  readonly versioned: boolean
  readonly copy: boolean
  /** Entries of the log that were taken as they were when the checkpoint was kept. */
  readonly before: number
  readonly unsealed: number
  readonly unnamed: number
  /** Records that came late, and that a delivery accounts for. */
  readonly delivered: VerifyEvidenceResult['delivered']
}

export function notesOn({request, sealed, owed, versioned, copy, before, unsealed, unnamed, delivered}: Circumstances): string[] {
  return [
    ...(sealed
      ? []
      : [
          `not sealed: there is no log over this store${owed ? ', though the configuration says that it has one: nothing was sealed yet, or all of it was removed' : ''} (hipaa-ci evidence seal)`,
        ]),
    ...(sealed && unsealed > 0 ? [`${things(unsealed, 'record is', 'records are')} not sealed yet`] : []),
    ...(before > 0
      ? [`what the first ${before} entries of the log seal was not read: versions, markers and counts of it were looked at, and no bytes, locks, times or runs`]
      : []),
    ...(request.sinceCheckpoint !== undefined && before === 0 ? ['the log was read from its first seal on'] : []),
    ...(copy ? ['this is a copy: it cannot show second versions, delete markers, locks as they are now, or when something came that is not sealed'] : []),
    ...(versioned && request.full !== true ? ['versions and sizes were compared with what was sealed, and bytes were not read; --full reads them'] : []),
    ...noteOnDelivered(delivered),
    ...(unnamed > 0 ? [noteOnUnnamed(unnamed)] : []),
  ]
}

export function doesNotProve({request, continued, sealed, versioned, delivered}: Circumstances): string[] {
  const {writers, full} = request
  if (!sealed) return ['that no run was removed as a whole', 'that a run which was never ended still has its newest records']
  return [
    ...(!continued
      ? ['that the log was not cut off at its end, or made anew by somebody who has its key (keep checkpoints elsewhere: --anchor, --since-checkpoint)']
      : ['that the log was not cut off after the newest checkpoint that was kept elsewhere']),
    ...(writers === undefined ? ['who wrote the records (--writers)'] : []),
    ...(versioned && full !== true ? ['that bytes of blobs match their names, and locks are still as they were sealed (--full)'] : []),
    ...(full === true ? [] : ['that the log says of records what they say (--full)']),
    ...(versioned ? [] : ['that times are right: a folder has those that its owner sets']),
    ...(delivered.length === 0 ? [] : ['that what came late was made when it says: a delivery is the word of who may write deliveries']),
    'that a run was recorded at all',
  ]
}

/** Names the one that says the earliest time: keys end with a ULID. */
function noteOnDelivered(delivered: Circumstances['delivered']): string[] {
  const [oldest] = delivered.toSorted((a, b) => (idOf(a.key) < idOf(b.key) ? -1 : 1))
  if (oldest === undefined) return []
  const which = `${oldest.key}: ${oldest.message}`
  const accounted = 'came late out of a spool, by the word of a delivery'
  return [
    delivered.length === 1 ? `1 record ${accounted}: ${which}` : `${delivered.length} records ${accounted}; of the oldest, ${which} (--json names them all)`,
  ]
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** A blob is written before its record, so this alone is no sign of tampering; nor is it the opposite. */
function noteOnUnnamed(count: number): string {
  const it = count === 1 ? 'it' : 'one'
  return `${things(count, 'blob is', 'blobs are')} named by no readable record: a writer that was killed before its record can leave ${it}, or a record that named ${it} is gone`
}

function things(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
