/**
 * Tables that several questions derive in the same way, as the head of a WITH.
 *
 * They are part of each question's text, and so of its digest: another
 * derivation is another question.
 */

/** One image that is run somewhere: a deployment replaces what ran in the same slot before. */
const SLOT = 'system, environment, cluster, namespace, workload, repository'

/**
 * `let_in`: images that an admission controller let into a cluster. All images
 * of the request must have been good or exempted, or the controller only warned; a dry run,
 * an audit sweep and a judgement offline let nothing in.
 */
export const LET_IN = `accepted AS (
  SELECT cluster, uid
  FROM admissions
  WHERE dry_run = FALSE AND mode IN ('enforce', 'warn')
  GROUP BY cluster, uid
  HAVING bool_and(verdict = 'verified' OR mode = 'warn' OR exemption IS NOT NULL)
),
let_in AS (
  SELECT a.*
  FROM admissions a
  JOIN accepted p ON p.cluster = a.cluster AND p.uid = a.uid
  WHERE a.dry_run = FALSE AND a.mode IN ('enforce', 'warn')
)`

/**
 * `deployments`: what deploy steps recorded, and what was let into a cluster
 * where another digest ran before. Needs `let_in`.
 */
export const DEPLOYMENTS = `${LET_IN},
arrivals AS (
  SELECT a.*, lag(coalesce(a.digest, a.image)) OVER (
    PARTITION BY a.system, a.environment, a.cluster, a.namespace, a.workload, a.repository ORDER BY a.time_ms, a.record_id
  ) AS ran_before
  FROM let_in a
),
deployments AS (
  SELECT record_id, time, time_ms, system, environment, outcome, coalesce(cluster, '') AS cluster, namespace, workload, repository, digest,
    coalesce(repository || '@' || digest, repository) AS image, previous AS stated_previous, rollback_of, CAST(NULL AS varchar) AS requested_by,
    'deployment' AS source
  FROM deployment_records
  UNION ALL
  SELECT record_id, time, time_ms, system, environment, 'pass' AS outcome, cluster, namespace, workload, repository, digest,
    image, CAST(NULL AS varchar) AS stated_previous, CAST(NULL AS varchar) AS rollback_of, user_id AS requested_by,
    'admission' AS source
  FROM arrivals
  WHERE ran_before IS NULL OR ran_before <> coalesce(digest, image)
)`

/** `running`: the newest deployment of each slot at the time asked for, unless it failed. Needs `deployments`. */
export const RUNNING = `slots AS (
  SELECT d.*, row_number() OVER (PARTITION BY ${SLOT} ORDER BY time_ms DESC, record_id DESC) AS age
  FROM deployments d
  WHERE outcome IN ('pass', 'warn') AND time < $to
),
running AS (
  SELECT * FROM slots WHERE age = 1
)`

/**
 * `judged`: for each deployment the newest check of its signature under the
 * same environment's policy, at or before it (`age = 1`). One that came to no
 * result does not hide one that did. Needs `deployments`.
 */
export const JUDGED = `checks AS (
  SELECT record_id, time, time_ms, environment, repository, digest, signature_state AS state, signature_reason AS reason, verdict,
    'verification' AS made_by
  FROM verifications
  WHERE as_of_ms BETWEEN time_ms - 3600000 AND time_ms + 3600000
  UNION ALL
  SELECT record_id, time, time_ms, environment, repository, digest, signature_state AS state, signature_reason AS reason, verdict,
    'admission' AS made_by
  FROM admissions
),
judged AS (
  SELECT d.record_id AS deployment_id, c.record_id AS check_id, c.time AS checked_at, c.state, c.reason, c.verdict, c.made_by, row_number() OVER (
    PARTITION BY d.record_id
    ORDER BY CASE WHEN c.state IN ('verified', 'failed', 'missing') THEN 0 ELSE 1 END, c.time_ms DESC, c.record_id DESC
  ) AS age
  FROM deployments d
  JOIN checks c ON c.repository = d.repository AND c.digest = d.digest AND c.environment = d.environment AND c.time_ms <= d.time_ms
)`

/** Filters of a table `alias` that has these columns. */
export function within(alias: string): string {
  return `${alias}.time >= $from AND ${alias}.time < $to AND ${scoped(alias)}`
}

/** System, environment and namespace as asked; all of them where nobody asked. */
export function scoped(alias: string): string {
  return `($system = '' OR ${alias}.system = $system) AND ($environment = '' OR ${alias}.environment = $environment) AND ($namespace = '' OR ${alias}.namespace = $namespace)`
}

/** Who did it: what the cluster says of the request `d`, else the person, else the workload of the record `r`. */
export const WHO = `coalesce(d.requested_by, r.human, r.workload) AS deployed_by,
  CASE WHEN d.requested_by IS NOT NULL THEN 'cluster' WHEN r.human IS NULL THEN r.workload_basis ELSE r.human_basis END AS basis`
