import type {Question} from '../question.ts'
import {DEPLOYMENTS, NOT_MADE, within} from './derived.ts'

/** For each deployment the newest vulnerability scan and gate decision before it. */
export const scanCoverage: Question = {
  name: 'scan-coverage',
  version: 1,
  aliases: [],
  audience: 'auditor',
  asks: 'Was each deployed image scanned before it was deployed, with which scanner and database, and what did the gate decide?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'HIPAA 164.308(a)(8)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC7.1', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 RA-5(2)', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 SA-11(1)', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'the absence of flaws: a scanner finds what its database knows',
    'that a finding is reachable or harmless',
    'the nontechnical half of an evaluation',
    NOT_MADE,
  ],
  reads: ['scan', 'gate', 'admission', 'deployment'],
  columns: [
    {name: 'deployed_at', says: 'when the deployment was recorded (UTC)'},
    {name: 'environment', says: 'where to', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace', wide: true},
    {name: 'workload', says: 'what runs it'},
    {name: 'image', says: 'repository and digest'},
    {name: 'state', says: 'scanned; incomplete: the scanner did not look at everything; scanned-later; not-scanned'},
    {name: 'scanned_at', says: 'newest vulnerability scan before the deployment'},
    {name: 'scanner', says: 'name and version'},
    {name: 'database', says: 'when its database was made'},
    {name: 'critical', says: 'findings', wide: true},
    {name: 'high', says: 'findings', wide: true},
    {name: 'unscanned', says: 'things that it did not look at', wide: true},
    {name: 'secret_scan_at', says: 'newest secret scan before the deployment', wide: true},
    {name: 'misconfiguration_scan_at', says: 'newest misconfiguration scan before it', wide: true},
    {name: 'code_scan_at', says: 'newest code scan before it', wide: true},
    {name: 'gate', says: 'newest gate decision before it'},
    {name: 'gate_at', says: 'when that was', wide: true},
    {name: 'gate_policy', says: 'digest of its limits', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'source', says: 'deployment: recorded by the deploy step; admission: by the cluster', wide: true},
    {name: 'deployment_record', says: 'id of the record', wide: true},
    {name: 'scan_record', says: 'id of the record', wide: true},
    {name: 'gate_record', says: 'id of the record', wide: true},
  ],
  example: 'hipaa-ci query scan-coverage --since 90d --environment production',
  exceptions: false,
  sql: `WITH ${DEPLOYMENTS},
asked AS (
  SELECT d.* FROM deployments d WHERE ${within('d')}
),
scanned AS (
  SELECT d.record_id AS deployment_id, s.record_id, s.time, s.time_ms, s.digest, s.kind, s.outcome, s.scanner, s.scanner_version, s.database_updated_at,
    s.critical, s.high, s.unscanned, s.time_ms <= d.time_ms AS in_time
  FROM asked d
  JOIN subjects j ON j.subject_digest = d.digest AND j.stream = 'scan'
  JOIN scans s ON s.record_id = j.record_id
),
newest AS (
  SELECT n.*, row_number() OVER (PARTITION BY deployment_id ORDER BY time_ms DESC, record_id DESC) AS age
  FROM scanned n
  WHERE kind = 'vulnerability' AND in_time
),
kinds AS (
  SELECT deployment_id,
    max(CASE WHEN kind = 'secret' AND in_time THEN time END) AS secret_scan_at,
    max(CASE WHEN kind = 'misconfiguration' AND in_time THEN time END) AS misconfiguration_scan_at,
    max(CASE WHEN kind = 'code' AND in_time THEN time END) AS code_scan_at,
    bool_or(kind = 'vulnerability' AND NOT in_time) AS later
  FROM scanned
  GROUP BY deployment_id
),
decided AS (
  SELECT d.record_id AS deployment_id, g.record_id, g.time, g.decision, g.policy, row_number() OVER (PARTITION BY d.record_id ORDER BY g.time_ms DESC, g.record_id DESC) AS age
  FROM asked d
  LEFT JOIN newest n ON n.deployment_id = d.record_id AND n.age = 1
  JOIN gates g ON (g.digest = d.digest OR g.digest = n.digest) AND g.time_ms <= d.time_ms
)
SELECT d.time AS deployed_at, d.environment, d.namespace, d.workload, d.image,
  CASE
    WHEN n.record_id IS NULL AND k.later THEN 'scanned-later'
    WHEN n.record_id IS NULL THEN 'not-scanned'
    WHEN n.unscanned > 0 OR n.outcome = 'error' THEN 'incomplete'
    ELSE 'scanned'
  END AS state,
  n.time AS scanned_at, coalesce(n.scanner || ' ' || n.scanner_version, n.scanner) AS scanner, n.database_updated_at AS "database", n.critical, n.high, n.unscanned,
  k.secret_scan_at, k.misconfiguration_scan_at, k.code_scan_at, g.decision AS gate, g.time AS gate_at, g.policy AS gate_policy, d.system, d.source,
  d.record_id AS deployment_record, n.record_id AS scan_record, g.record_id AS gate_record
FROM asked d
LEFT JOIN newest n ON n.deployment_id = d.record_id AND n.age = 1
LEFT JOIN kinds k ON k.deployment_id = d.record_id
LEFT JOIN decided g ON g.deployment_id = d.record_id AND g.age = 1
ORDER BY d.time, d.record_id`,
}
