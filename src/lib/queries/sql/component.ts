import type {AnswerRow, Finished, Question} from '../question.ts'
import {DEPLOYMENTS, NOT_MADE, RUNNING, scoped} from './derived.ts'

/**
 * Where a component is. The SQL also brings, marked by `state`, what would make
 * "nowhere" a lie: running images without an SBOM, other versions, near names.
 *
 * A digest is the same image under every name, but a deployment is of one name:
 * only that one runs, be its SBOM made under another.
 */
export const component: Question = {
  name: 'component',
  version: 2,
  aliases: ['component-exposure'],
  audience: 'auditor',
  asks: 'Which images contain this component, and which of them run now?',
  parameters: ['component', 'to', 'system', 'environment', 'namespace'],
  required: ['component'],
  controls: [
    {id: 'HIPAA 164.308(a)(1)(ii)(A)', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 RA-5', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-8', basis: 'framework-text'},
    {id: 'SSDF PS.3.2', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that the component can be reached by an attacker',
    'that an image which is not listed is free of it: an SBOM lists what its tool recognises',
    'what really runs: "running" is the newest deployment that was recorded, not a look into the cluster',
    NOT_MADE,
  ],
  reads: ['sbom', 'admission', 'deployment'],
  columns: [
    {name: 'component', says: 'name as the SBOM has it'},
    {name: 'version', says: 'version'},
    {name: 'type', says: 'package type'},
    {name: 'image', says: 'repository and digest, or what else the SBOM describes'},
    {name: 'running', says: 'deployed there now, by the newest record'},
    {name: 'environment', says: 'where it runs'},
    {name: 'cluster', says: 'cluster, where known', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace'},
    {name: 'workload', says: 'what runs it'},
    {name: 'deployed_at', says: 'since when', wide: true},
    {name: 'platform', says: 'platform of the image', wide: true},
    {name: 'purl', says: 'package URL', wide: true},
    {name: 'license', says: 'licence as the SBOM says', wide: true},
    {name: 'sbom_at', says: 'when the SBOM was made', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'sbom_record', says: 'id of its record', wide: true},
    {name: 'deployment_record', says: "id of the deployment's record", wide: true},
  ],
  example: 'hipaa-ci query component --component log4j-core@2.14.1',
  exceptions: false,
  sql: `WITH ${DEPLOYMENTS},
${RUNNING},
here AS (
  SELECT r.* FROM running r WHERE ${scoped('r')}
),
named AS (
  SELECT c.*, row_number() OVER (PARTITION BY c.repository, c.digest, c.platform, c.platform_digest, c.group_key, c.name, c.version, c.purl ORDER BY c.time_ms DESC, c.record_id DESC) AS age
  FROM components c
  WHERE c.name_key = $component_name
    AND ($component_group = '' OR c.group_key = $component_group)
    AND ($component_type = '' OR c.type = $component_type)
    AND c.time < $to
    AND ($system = '' OR c.system = $system)
),
found AS (
  SELECT * FROM named
  WHERE age = 1
    AND (
      $component_version = ''
      OR version = $component_version
      OR version = 'v' || $component_version
      OR (
        substr(version, 1, length($component_version)) = $component_version
        AND substr(version, length($component_version) + 1, 1) IN ('.', '-', '+', '~', '_')
      )
    )
),
undescribed AS (
  SELECT r.*, CASE WHEN EXISTS (SELECT 1 FROM subjects j WHERE j.stream = 'sbom' AND j.subject_digest = r.digest) THEN 'partial-sbom' ELSE 'no-sbom' END AS state
  FROM here r
  WHERE NOT EXISTS (
    SELECT 1 FROM subjects j JOIN sboms s ON s.record_id = j.record_id WHERE j.subject_digest = r.digest AND s.unscanned = 0
  )
),
namesakes AS (
  SELECT f.*, r.repository AS runs_as, r.image AS running_image, r.environment, r.cluster, r.namespace, r.workload, r.time AS deployed_at, r.record_id AS deployment_record,
    row_number() OVER (
      PARTITION BY r.record_id, f.platform, f.platform_digest, f.group_key, f.name, f.version, f.purl ORDER BY f.time_ms DESC, f.record_id DESC
    ) AS place
  FROM found f
  JOIN here r ON (r.digest = f.digest OR r.digest = f.platform_digest) AND r.repository <> f.repository
),
answer AS (
  SELECT 'found' AS state, f.name AS component, f.version, f.type, coalesce(f.repository || '@' || f.digest, f.digest, s.subject) AS image,
    r.record_id IS NOT NULL AS running, r.environment, r.cluster, r.namespace, r.workload, r.time AS deployed_at, f.platform, f.purl, f.license,
    f.time AS sbom_at, f.system, f.record_id AS sbom_record, r.record_id AS deployment_record
  FROM found f
  JOIN records s ON s.record_id = f.record_id
  LEFT JOIN here r ON (r.digest = f.digest OR r.digest = f.platform_digest) AND (r.repository = f.repository OR r.repository IS NULL OR f.repository IS NULL)
  WHERE ($environment = '' AND $namespace = '') OR r.record_id IS NOT NULL
  UNION ALL
  SELECT 'found', n.name, n.version, n.type, n.running_image, TRUE, n.environment, n.cluster, n.namespace, n.workload, n.deployed_at, n.platform, n.purl, n.license,
    n.time, n.system, n.record_id, n.deployment_record
  FROM namesakes n
  WHERE n.place = 1
    AND NOT EXISTS (SELECT 1 FROM found f WHERE f.repository = n.runs_as AND f.digest = n.digest AND f.group_key = n.group_key AND f.name = n.name AND f.version = n.version)
    AND NOT EXISTS (
      SELECT 1 FROM found f
      WHERE f.repository = n.runs_as AND f.platform_digest = n.platform_digest AND f.group_key = n.group_key AND f.name = n.name AND f.version = n.version
    )
  UNION ALL
  SELECT DISTINCT 'other-name', NULL, NULL, NULL, n.repository || '@' || n.digest, FALSE, NULL, NULL, NULL, n.running_image, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM namesakes n
  UNION ALL
  SELECT u.state, NULL, NULL, NULL, coalesce(u.image, u.repository), TRUE, u.environment, u.cluster, u.namespace, u.workload, u.time, NULL, NULL, NULL, NULL, u.system, NULL, u.record_id
  FROM undescribed u
  UNION ALL
  SELECT DISTINCT 'other-version', n.name, n.version, n.type, NULL, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM named n
  WHERE $component_version <> '' AND NOT EXISTS (SELECT 1 FROM found f WHERE f.name = n.name AND f.version = n.version)
  UNION ALL
  SELECT DISTINCT 'other-origin', c.name, NULL, c.type, c.group_key, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM components c
  WHERE c.name_key = $component_name AND (($component_group <> '' AND c.group_key <> $component_group) OR ($component_type <> '' AND c.type <> $component_type))
  UNION ALL
  SELECT DISTINCT 'near-name', c.name, NULL, c.type, NULL, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM components c
  WHERE c.name_key <> $component_name AND strpos(c.name_key, $component_name) > 0
)
SELECT * FROM answer
ORDER BY state, running DESC, component NULLS LAST, version NULLS LAST, environment NULLS LAST, cluster NULLS LAST, namespace NULLS LAST, workload NULLS LAST,
  image NULLS LAST, platform NULLS LAST, purl NULLS LAST, deployment_record NULLS LAST, sbom_record NULLS LAST`,
  finish: sortOut,
}

const NAMED = 12

function sortOut(rows: readonly AnswerRow[]): Finished {
  const having = (...states: string[]) => rows.filter(({state}) => states.includes(String(state)))
  const versions = having('other-version').map(({component: name, version}) => `${String(name)} ${String(version)}`)
  const origins = having('other-origin').map(({component: name, type, image}) => `${String(name)} (${[type, image].filter(Boolean).join(', ')})`)
  const names = [...new Set(having('near-name').map(({component: name}) => String(name)))]
  return {
    rows: having('found'),
    gaps: having('no-sbom', 'partial-sbom').map(({state, image, environment, namespace, workload}) => ({
      code: state === 'no-sbom' ? 'sbom.missing' : 'query.incomplete',
      what: `${String(image)} runs as ${[environment, namespace, workload].join('/')}, and ${state === 'no-sbom' ? 'has no SBOM' : 'no SBOM of it is complete'}`,
    })),
    notes: [
      ...otherNames(rows),
      ...(versions.length === 0 ? [] : [`other versions in the store: ${named(versions)}`]),
      ...(origins.length === 0 ? [] : [`of the same name from elsewhere, not listed: ${named(origins)}`]),
      ...(names.length === 0 ? [] : [`similar names in the store, not listed: ${named(names)}`]),
    ],
  }
}

/** An image that was never deployed under its own name, while the same digest runs under another. */
function otherNames(rows: readonly AnswerRow[]): string[] {
  const running = new Set(rows.filter((row) => row['state'] === 'found' && row['running'] === true).map(({image}) => image))
  return rows
    .filter(({state, image}) => state === 'other-name' && !running.has(image))
    .map(({image, workload}) => `${String(image)} does not run under this name; the same digest runs as ${String(workload)}`)
}

function named(items: readonly string[]): string {
  const rest = items.length - NAMED
  return `${items.slice(0, NAMED).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`
}
