import {enforcementWindows} from '../enforcement/enforcement-windows.ts'
import type {Question} from '../question.ts'

/** Times in which nothing proves that a cluster refused what it has to refuse. */
export const enforcementGaps: Question = {
  name: 'enforcement-gaps',
  version: 2,
  aliases: [],
  audience: 'auditor',
  asks: 'When was admission control not proven to refuse, and in which cluster?',
  parameters: ['from', 'to', 'system'],
  controls: [
    {id: 'HIPAA 164.312(b)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC6.8', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 SI-7(15)', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CA-7', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that nothing unverified ran in between two canaries that were refused: compare what runs (hipaa-ci admission reconcile)',
    'that a cluster which never reported is enforced: it is not in this store',
    'that what was put back is what was there before: compare it with what hipaa-ci admission install prints',
    'that a change did harm, or none: a change stays open, because a log does not say what it came to',
    'that nobody changed anything at times of which no audit log was read (hipaa-ci admission reconcile --audit-log)',
    'that a canary speaks for more than the namespace that it is offered to',
  ],
  reads: ['break-glass', 'canary', 'enforcement', 'reconciliation'],
  columns: [
    {name: 'cluster', says: 'cluster'},
    {
      name: 'gap',
      says: 'admitted: a pod that had to be refused was not; unknown: the cluster could not be asked; silent: no canary reported; never: none ever did; removed, changed: what keeps it closed was; ignore-label: a namespace was taken out; failed-open: pods came past the webhook; broken-glass: the provider was taken out of the way, and that was said; unverified: something runs that no record let in',
    },
    {name: 'begins', says: 'when it was done, or came; of a canary the last time before that it was refused (UTC)'},
    {name: 'ends', says: 'when it was put back or taken off, or a canary was refused again; empty where that is not known'},
    {name: 'what', says: 'what was done to what, or which pods; the first five'},
    {name: 'by', says: 'who did it, by the audit log or the record'},
    {name: 'seen_by', says: 'canary, provider, break-glass; audit-log, cluster and listing: by hipaa-ci admission reconcile'},
    {name: 'ended_by', says: 'what its end is known by', wide: true},
    {name: 'done_at', says: 'when each of it was done, by the clock of its source (UTC)', wide: true},
    {name: 'aws_identity', says: 'the identity in AWS behind them, where the log tells it', wide: true},
    {name: 'reason', says: 'reason code, where there is one', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'record', says: 'id of the first record of the gap, or of the last one before it', wide: true},
  ],
  example: 'hipaa-ci query enforcement-gaps --since 90d',
  exceptions: true,
  sql: `WITH words AS (
  SELECT record_id, time, system, cluster, answer, 'canary' AS source, reason, CAST(NULL AS varchar) AS what, CAST(NULL AS varchar) AS user_id,
    CAST(NULL AS varchar) AS user_arn, CAST(NULL AS varchar) AS verb, CAST(NULL AS varchar) AS says, TRUE AS is_open, CAST(NULL AS varchar) AS object_uid,
    CAST(NULL AS varchar) AS until
  FROM canaries
  UNION ALL
  SELECT record_id, time, system, cluster, CASE WHEN ended IS NULL THEN 'started' ELSE 'ended' END, 'provider', ended, NULL, NULL, NULL, NULL, NULL, TRUE, NULL, NULL FROM enforcements
  UNION ALL
  SELECT record_id, happened, system, cluster, difference, source, causes, what, user_id, user_arn, verb, says, is_open, object_uid, NULL
  FROM differences
  WHERE side = 'source'
    AND difference IN (
      'enforcement-changed', 'ignore-label', 'ignore-label-gone', 'failed-open', 'unverified-workload', 'image-not-admitted', 'other-digest', 'uid-of-another'
    )
  UNION ALL
  SELECT g.record_id, g.valid_from, g.system, g.cluster, 'broken-glass', 'break-glass', g.reason, 'provider out of the way, ' || g.incident,
    coalesce(r.human, r.workload), NULL, NULL, NULL, TRUE, NULL, g.expires
  FROM break_glass_records g
  JOIN records r ON r.record_id = g.record_id
  WHERE g.kind = 'provider-down' AND g.action = 'open'
    AND NOT EXISTS (SELECT 1 FROM break_glass_records l WHERE l.action = 'open' AND l.opened_by_record = g.record_id)
)
SELECT w.cluster, w.answer AS gap, w.time AS begins, w.until AS ends, w.what, w.user_id AS "by", w.source AS seen_by, CAST(NULL AS varchar) AS ended_by,
  CAST(NULL AS varchar) AS done_at, w.user_arn AS aws_identity, w.reason, w.system, w.record_id AS record, w.verb, w.says, w.is_open, w.object_uid
FROM words w
WHERE w.time < $to AND ($system = '' OR w.system = $system)
ORDER BY w.cluster, w.time, w.record_id`,
  finish: enforcementWindows,
}
