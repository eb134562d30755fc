/** What a comparison found, as rows: each difference, and who was behind a request. Pure. */
import type {DifferencesBlob} from '../evidence/differences.ts'
import type {RecordOf} from '../evidence/schema.ts'
import {listed, type commonColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

export function differenceRows(record: RecordOf<'reconciliation'>, common: ReturnType<typeof commonColumns>, blob: DifferencesBlob): TableRow[] {
  const {source, cluster} = record.data.detail
  const differences = blob.differences.map(({side, reason, what, open, time, uid, causes = [], user, arn, verb, says}): TableRow => ({
    table: 'differences',
    row: {
      ...common,
      source,
      cluster,
      side,
      difference: reason,
      what,
      is_open: open,
      happened: utc(time),
      happened_ms: Date.parse(time),
      object_uid: uid ?? null,
      causes: listed(causes),
      user_id: user ?? null,
      user_arn: arn ?? null,
      verb: verb ?? null,
      says: says ?? null,
    },
  }))
  return [...differences, ...blob.requests.flatMap((request) => personRows(request, common, cluster))]
}

/** Of a controller the person who changed what it works by; of somebody who acted as another one, that somebody. */
function personRows(
  {user, arn, as, time, person, records}: DifferencesBlob['requests'][number],
  common: ReturnType<typeof commonColumns>,
  cluster: string,
): TableRow[] {
  const behind = person ?? (as === undefined ? undefined : {user, arn, verb: 'acted as', what: as, time, automation: undefined})
  // An account is nobody: who stands behind it is not known.
  if (behind === undefined || behind.automation === true || behind.user.startsWith('system:')) return []
  return records.map((record) => ({
    table: 'persons_behind',
    row: {
      ...common,
      cluster,
      admission_record: record,
      person: behind.user,
      person_arn: behind.arn ?? null,
      person_did: `${behind.verb} ${behind.what}`,
      person_at: utc(behind.time),
    },
  }))
}

/** As all times in the index, so that they compare as text. */
function utc(time: string): string {
  return new Date(time).toISOString()
}
