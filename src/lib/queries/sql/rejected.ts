import type {Question} from '../question.ts'
import {LET_IN, within} from './derived.ts'

/** Retries of one controller, or of one person. */
const SAME = 'a.system, a.environment, a.cluster, a.namespace, a.workload, a.path, a.image, a.verdict, a.reasons, a.user_id, a.mode'

/** Images that were refused, each once for what tried to run it; `offline` ones by `admission decide`. Warnings, audits and dry runs refused nothing. */
export const rejected: Question = {
  name: 'rejected',
  version: 2,
  aliases: ['admission-denied'],
  audience: 'auditor',
  asks: 'Which images were refused, why, and what happened next?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'HIPAA 164.312(b)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC6.8', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-7(5)', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 AU-12', basis: 'framework-text'},
  ],
  doesNotProve: [
    'that admission control was on all the time: no refusals can also mean that nobody looked',
    'that what was let in later is the corrected image: compare the digests',
  ],
  reads: ['admission', 'deployment'],
  columns: [
    {name: 'refused_at', says: 'when, the last time (UTC)'},
    {name: 'first_refused_at', says: 'when, the first time: a controller asks again and again', wide: true},
    {name: 'times', says: 'how often, with the same outcome'},
    {name: 'environment', says: 'whose policy refused', wide: true},
    {name: 'cluster', says: 'cluster', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace'},
    {name: 'workload', says: 'what would have run it'},
    {name: 'image', says: 'the image as the pod names it'},
    {name: 'verdict', says: 'failed, missing, or could-not-check'},
    {name: 'reasons', says: 'reason codes'},
    {name: 'requested_by', says: 'user of the request', wide: true},
    {name: 'aws_identity', says: 'the identity in AWS behind that user, where the cluster tells it', wide: true},
    {name: 'mode', says: 'enforce: by the cluster; offline: judged by hand', wide: true},
    {name: 'signatures_tried', says: 'signer, state and reason of each', wide: true},
    {name: 'next', says: 'same image: let in or deployed later; other image: another digest of the repository was; nothing yet'},
    {name: 'next_at', says: 'when the first of these was', wide: true},
    {name: 'next_digest', says: 'which digest', wide: true},
    {name: 'next_record', says: 'id of its record', wide: true},
    {name: 'policy', says: 'digest of the policy', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'record', says: 'id of the record of the refusal', wide: true},
  ],
  example: 'hipaa-ci query rejected --since 90d',
  exceptions: false,
  sql: `WITH ${LET_IN},
refused AS (
  SELECT a.*, count(*) OVER (PARTITION BY ${SAME}) AS tries, min(a.time) OVER (PARTITION BY ${SAME}) AS first_time,
    row_number() OVER (PARTITION BY ${SAME} ORDER BY a.time_ms DESC, a.record_id DESC) AS age
  FROM admissions a
  WHERE a.verdict <> 'verified' AND a.exemption IS NULL AND a.dry_run = FALSE AND a.mode IN ('enforce', 'offline') AND ${within('a')}
),
arrived AS (
  SELECT record_id, time, time_ms, system, environment, namespace, repository, digest FROM let_in
  UNION ALL
  SELECT record_id, time, time_ms, system, environment, namespace, repository, digest FROM deployment_records
),
followed AS (
  SELECT f.record_id AS refused_id, n.record_id, n.time, n.digest, row_number() OVER (PARTITION BY f.record_id ORDER BY n.time_ms, n.record_id) AS place
  FROM refused f
  JOIN arrived n ON f.age = 1 AND n.system = f.system AND n.environment = f.environment AND n.namespace = f.namespace AND n.repository = f.repository AND n.time_ms > f.time_ms
)
SELECT f.time AS refused_at, f.first_time AS first_refused_at, f.tries AS times, f.environment, f.cluster, f.namespace, f.workload, f.image, f.verdict, f.reasons, f.user_id AS requested_by, f.user_arn AS aws_identity, f.mode, f.signatures_tried,
  CASE WHEN n.record_id IS NULL THEN 'nothing yet' WHEN n.digest = f.digest THEN 'same image' ELSE 'other image' END AS next,
  n.time AS next_at, n.digest AS next_digest, n.record_id AS next_record, f.policy, f.system, f.record_id AS record
FROM refused f
LEFT JOIN followed n ON n.refused_id = f.record_id AND n.place = 1
WHERE f.age = 1
ORDER BY f.time, f.record_id`,
}
