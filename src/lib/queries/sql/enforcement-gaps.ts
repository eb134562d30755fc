import {enforcementWindows} from '../enforcement-windows.ts'
import type {Question} from '../question.ts'

/** Times in which nothing proves that a cluster refused what it has to refuse. */
export const enforcementGaps: Question = {
  name: 'enforcement-gaps',
  version: 1,
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
  ],
  reads: ['canary', 'enforcement'],
  columns: [
    {name: 'cluster', says: 'cluster'},
    {
      name: 'gap',
      says: 'admitted: a pod that had to be refused was not; unknown: the cluster could not be asked; silent: no canary reported; never: none ever did',
    },
    {name: 'begins', says: 'from when on nothing proves it: the last time that it was refused (UTC)'},
    {name: 'ends', says: 'when it was refused again; empty where that is still to come'},
    {name: 'reason', says: 'reason code, where there is one', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'record', says: 'id of the first record of the gap, or of the last one before it', wide: true},
  ],
  example: 'hipaa-ci query enforcement-gaps --since 90d',
  exceptions: true,
  sql: `WITH words AS (
  SELECT record_id, time, time_ms, system, cluster, answer, reason FROM canaries
  UNION ALL
  SELECT record_id, time, time_ms, system, cluster, 'started' AS answer, CAST(NULL AS varchar) AS reason FROM enforcements
)
SELECT w.cluster, w.answer AS gap, w.time AS begins, w.time AS ends, w.reason, w.system, w.record_id AS record
FROM words w
WHERE w.time < $to AND ($system = '' OR w.system = $system)
ORDER BY w.cluster, w.time_ms, w.record_id`,
  finish: enforcementWindows,
}
