import type {Question} from '../question.ts'
import {DEPLOYMENTS, JUDGED, NOT_MADE, WHO, within} from './derived.ts'

/** The deployments that `signed-images` does not list, and why not. */
export const unsignedInProduction: Question = {
  name: 'unsigned-in-production',
  version: 1,
  aliases: ['unsigned-in-prod'],
  audience: 'auditor',
  asks: 'Which images were deployed to production without a signature that had been verified before?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  defaults: {environment: 'production'},
  controls: [
    {id: 'HIPAA 164.312(c)(1)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC6.8', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC7.1', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-8(3)', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that nothing else runs: what left no deployment or admission record is not seen',
    'that an image listed here is unsigned: only that nobody verified it in time',
    NOT_MADE,
  ],
  reads: ['verification', 'admission', 'deployment'],
  columns: [
    {name: 'deployed_at', says: 'when the deployment was recorded (UTC)'},
    {name: 'environment', says: 'where to', wide: true},
    {name: 'cluster', says: 'cluster, where known', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace'},
    {name: 'workload', says: 'what runs it'},
    {name: 'image', says: 'repository and digest, or the tag where no digest is known'},
    {
      name: 'reason',
      says: 'never-checked; checked-later; other-environment: checked under another policy; no-digest: named by a tag; or the state and reason of the last check',
    },
    {name: 'checked_at', says: 'when that check was', wide: true},
    {name: 'deployed_by', says: 'user of the admission request, else the person or workload that recorded the deployment'},
    {name: 'basis', says: 'how that is known; claimed is a bare word, cluster is what the API server says', wide: true},
    {name: 'ticket', says: 'change ticket', wide: true},
    {name: 'outcome', says: 'outcome of the deployment', wide: true},
    {name: 'source', says: 'deployment: recorded by the deploy step; admission: by the cluster', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'deployment_record', says: 'id of the record', wide: true},
    {name: 'check_record', says: 'id of the record of the last check', wide: true},
  ],
  example: 'hipaa-ci query unsigned-in-production --since 90d',
  exceptions: true,
  sql: `WITH ${DEPLOYMENTS},
${JUDGED},
elsewhere AS (
  SELECT d.record_id AS deployment_id, bool_or(c.environment = d.environment) AS same_environment
  FROM deployments d
  JOIN checks c ON c.repository = d.repository AND c.digest = d.digest
  GROUP BY d.record_id
)
SELECT d.time AS deployed_at, d.environment, d.cluster, d.namespace, d.workload, d.image,
  CASE
    WHEN d.digest IS NULL THEN 'no-digest'
    WHEN j.state IS NOT NULL THEN coalesce(j.state || ' ' || j.reason, j.state)
    WHEN e.same_environment THEN 'checked-later'
    WHEN e.same_environment IS NOT NULL THEN 'other-environment'
    ELSE 'never-checked'
  END AS reason,
  j.checked_at, ${WHO}, r.change_ticket AS ticket, d.outcome, d.source, d.system, d.record_id AS deployment_record, j.check_id AS check_record
FROM deployments d
JOIN records r ON r.record_id = d.record_id
LEFT JOIN judged j ON j.deployment_id = d.record_id AND j.age = 1
LEFT JOIN elsewhere e ON e.deployment_id = d.record_id
WHERE (j.state IS NULL OR j.state <> 'verified') AND ${within('d')}
ORDER BY d.time, d.record_id`,
}
