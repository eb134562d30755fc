import type {Finished, Question, AnswerRow} from '../question.ts'
import {DEPLOYMENTS, NOT_MADE, WHO, within} from './derived.ts'

/** Components of a deployed image that the image before it did not have. */
export const newDependencies: Question = {
  name: 'new-dependencies',
  version: 1,
  aliases: [],
  audience: 'auditor',
  asks: 'Which deployments brought in new dependencies, and who deployed them?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'SOC 2 CC8.1', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 SR-3', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-4', basis: 'hipaa-ci-interpretation'},
    {id: 'SSDF PW.4.1', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that the SBOM lists everything in the image',
    'that anybody assessed the new dependency',
    'who approved: approvals are recorded as evidence of their own, and are not joined to deployments here',
    NOT_MADE,
  ],
  reads: ['sbom', 'admission', 'deployment'],
  columns: [
    {name: 'deployed_at', says: 'when the deployment was recorded (UTC)'},
    {name: 'environment', says: 'where to', wide: true},
    {name: 'cluster', says: 'cluster, where known', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace', wide: true},
    {name: 'workload', says: 'what runs it'},
    {name: 'image', says: 'repository and digest', wide: true},
    {name: 'digest', says: 'digest deployed'},
    {name: 'previous', says: 'digest before it; none for a first deployment', wide: true},
    {name: 'change', says: 'added; version: another version was there; first: nothing was deployed there before'},
    {name: 'component', says: 'name'},
    {name: 'version', says: 'version'},
    {name: 'previous_version', says: 'highest version before, as text'},
    {name: 'type', says: 'package type', wide: true},
    {name: 'purl', says: 'package URL', wide: true},
    {name: 'license', says: 'licence as the SBOM says', wide: true},
    {name: 'deployed_by', says: 'user of the admission request, else the person or workload that recorded the deployment'},
    {name: 'basis', says: 'how that is known; claimed is a bare word, cluster is what the API server says', wide: true},
    {name: 'authors', says: 'authors of the change', wide: true},
    {name: 'ticket', says: 'change ticket', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'deployment_record', says: 'id of the record', wide: true},
  ],
  example: 'hipaa-ci query new-dependencies --since 30d --environment production',
  exceptions: false,
  sql: `WITH ${DEPLOYMENTS},
placed AS (
  SELECT d.*, lag(digest) OVER (PARTITION BY system, environment, cluster, namespace, workload, repository ORDER BY time_ms, record_id) AS seen_before
  FROM deployments d
  WHERE outcome IN ('pass', 'warn')
),
changed AS (
  SELECT d.*, coalesce(d.stated_previous, d.seen_before) AS previous
  FROM placed d
  WHERE (d.seen_before IS NULL OR d.digest IS NULL OR d.seen_before <> d.digest) AND ${within('d')}
),
wanted AS (
  SELECT digest FROM changed WHERE digest IS NOT NULL
  UNION
  SELECT previous FROM changed WHERE previous IS NOT NULL
),
described AS (
  SELECT DISTINCT j.subject_digest AS digest
  FROM subjects j
  JOIN wanted w ON w.digest = j.subject_digest
  WHERE j.stream = 'sbom'
),
parts AS (
  SELECT c.digest, c.type, c.group_key, c.name_key, c.name, c.version, c.purl, c.license FROM components c JOIN wanted w ON w.digest = c.digest
  UNION
  SELECT c.platform_digest, c.type, c.group_key, c.name_key, c.name, c.version, c.purl, c.license FROM components c JOIN wanted w ON w.digest = c.platform_digest
),
had AS (
  SELECT digest, type, group_key, name_key, max(version) AS version FROM parts GROUP BY digest, type, group_key, name_key
),
brought AS (
  SELECT d.record_id, p.type, p.name, p.version, p.purl, p.license, b.version AS previous_version,
    CASE WHEN d.previous IS NULL THEN 'first' WHEN b.digest IS NULL THEN 'added' ELSE 'version' END AS change
  FROM changed d
  JOIN parts p ON p.digest = d.digest
  LEFT JOIN had b ON b.digest = d.previous AND b.type = p.type AND b.group_key = p.group_key AND b.name_key = p.name_key
  WHERE (d.previous IS NULL OR EXISTS (SELECT 1 FROM described s WHERE s.digest = d.previous))
    AND NOT EXISTS (
      SELECT 1 FROM parts q
      WHERE q.digest = d.previous AND q.type = p.type AND q.group_key = p.group_key AND q.name_key = p.name_key AND q.version = p.version
    )
  UNION ALL
  SELECT d.record_id, NULL, NULL, NULL, NULL, NULL, NULL, 'no-sbom' FROM changed d
  WHERE d.digest IS NULL OR NOT EXISTS (SELECT 1 FROM described s WHERE s.digest = d.digest)
  UNION ALL
  SELECT d.record_id, NULL, NULL, NULL, NULL, NULL, NULL, 'no-sbom-before' FROM changed d
  WHERE d.previous IS NOT NULL AND NOT EXISTS (SELECT 1 FROM described s WHERE s.digest = d.previous)
)
SELECT d.time AS deployed_at, d.environment, d.cluster, d.namespace, d.workload, d.image, d.digest, d.previous, n.change, n.name AS component, n.version, n.previous_version,
  n.type, n.purl, n.license, ${WHO}, r.authors, r.change_ticket AS ticket, d.system, d.record_id AS deployment_record
FROM brought n
JOIN changed d ON d.record_id = n.record_id
JOIN records r ON r.record_id = d.record_id
ORDER BY d.time, d.record_id, n.change, n.name NULLS LAST, n.version NULLS LAST, n.purl NULLS LAST`,
  finish: withoutComparison,
}

/** A deployment that cannot be compared has no rows: that must not look like "nothing new". */
function withoutComparison(rows: readonly AnswerRow[]): Finished {
  const gaps = rows.flatMap((row) => {
    const what = `${String(row['image'])}, deployed at ${String(row['deployed_at'])}`
    if (row['change'] === 'no-sbom') return [{code: 'sbom.missing' as const, what: `there is no SBOM of ${what}`}]
    if (row['change'] === 'no-sbom-before')
      return [{code: 'sbom.missing' as const, what: `there is no SBOM of ${String(row['previous'])}, which ran before ${what}`}]
    return []
  })
  return {rows: rows.filter(({change}) => change !== 'no-sbom' && change !== 'no-sbom-before'), gaps, notes: []}
}
