/**
 * What an answer rests on: asked beside every question.
 *
 * Records of stream `query` are left out, so that asking does not change what
 * the next answer rests on.
 */

/** One row: how many records the question could draw on, and the newest of all. */
export const COVERAGE = `WITH everything AS (
  SELECT count(*) AS records, max(time) AS newest FROM records WHERE stream <> 'query'
),
asked AS (
  SELECT count(*) AS covered FROM records WHERE stream <> 'query' AND time >= $from AND time < $to AND ($system = '' OR system = $system)
)
SELECT e.records, e.newest, a.covered FROM everything e CROSS JOIN asked a`

/** Systems and environments that any record names: a mistyped one must not look like a clean answer. */
export const KNOWN_SCOPES = `SELECT DISTINCT 'system' AS kind, system AS name FROM records WHERE stream <> 'query'
UNION ALL
SELECT DISTINCT 'environment' AS kind, environment AS name FROM records WHERE stream <> 'query'
ORDER BY kind, name`

/**
 * Gaps of the runs whose life meets the period. Nothing of a run is younger
 * than its end; where there is no end, what is missing may be younger than all
 * that is there, so such a run counts for a while after its last known record:
 * `reach` is that much before `from`. The run of a server that enforces goes on
 * until the run of its next boot names it; of its silence `CLUSTERS` tells.
 */
export const RUN_GAPS = `WITH lives AS (
  SELECT run_id, min(time) AS began, max(time) AS last_seen, max(system) AS system FROM records GROUP BY run_id
),
scope AS (
  SELECT l.run_id
  FROM lives l
  WHERE l.began < $to
    AND (l.last_seen >= $from OR (l.last_seen >= $reach AND NOT EXISTS (SELECT 1 FROM runs e WHERE e.run_id = l.run_id AND e.phase = 'end')))
    AND ($run = '' OR l.run_id = $run)
    AND ($system = '' OR l.system = $system)
),
chain AS (
  SELECT r.run_id, r.job, r.seq, r.stream, r.prev_sha256, lag(r.seq) OVER (PARTITION BY r.run_id, r.job ORDER BY r.seq, r.record_id) AS seq_before
  FROM records r
  JOIN scope s ON s.run_id = r.run_id
),
holes AS (
  SELECT run_id, job, coalesce(seq_before, 0) + 1 AS first_missing, seq - 1 AS last_missing
  FROM chain
  WHERE seq - coalesce(seq_before, 0) > 1
  UNION
  SELECT run_id, job, 0, 0 FROM chain c
  WHERE seq = 1 AND prev_sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM records r WHERE r.sha256 = c.prev_sha256)
),
counted AS (
  SELECT e.run_id, j.job, j.record_count, count(DISTINCT CASE WHEN c.seq > 0 AND c.stream <> 'run' THEN c.seq END) AS present
  FROM runs e
  JOIN scope s ON s.run_id = e.run_id
  JOIN run_jobs j ON j.record_id = e.record_id
  LEFT JOIN chain c ON c.run_id = e.run_id AND c.job = j.job
  GROUP BY e.run_id, j.job, j.record_count
)
SELECT 'chain.gap' AS code, run_id, job, first_missing, last_missing, CAST(NULL AS varchar) AS step FROM holes
UNION ALL
SELECT CASE WHEN present = 0 THEN 'run.missing-job' ELSE 'run.count' END, run_id, job, present, record_count, NULL FROM counted WHERE present < record_count
UNION ALL
SELECT 'run.no-end', b.run_id, b.job, NULL, NULL, NULL
FROM runs b
JOIN scope s ON s.run_id = b.run_id
WHERE b.phase = 'start' AND NOT EXISTS (SELECT 1 FROM runs e WHERE e.run_id = b.run_id AND e.phase = 'end')
  AND (NOT EXISTS (SELECT 1 FROM enforcements s WHERE s.run_id = b.run_id AND s.ended IS NULL)
    OR EXISTS (SELECT 1 FROM runs f WHERE f.previous = b.run_id))
UNION ALL
SELECT CASE WHEN strpos(e.missing, 'job:') > 0 THEN 'run.missing-job' ELSE 'run.missing-step' END, e.run_id, e.job, NULL, NULL, e.missing
FROM runs e
JOIN scope s ON s.run_id = e.run_id
WHERE e.phase = 'end' AND e.missing IS NOT NULL
ORDER BY 2, 1, 3, 4`

/**
 * Clusters that reported before the end of the period: since when, until when, and when somebody said that one was taken
 * out of service. A judgement by hand is no report of a cluster. One that has asked, and never for the
 * environment, is left out.
 */
export const CLUSTERS = `WITH servers AS (
  SELECT DISTINCT system, cluster, run_id FROM enforcements WHERE ended IS NULL
),
reports AS (
  SELECT system, cluster, time, 'said' AS kind FROM admissions WHERE mode <> 'offline'
  UNION ALL
  SELECT system, cluster, time, 'said' FROM enforcements WHERE ended IS NULL
  UNION ALL
  SELECT system, cluster, time, 'said' FROM canaries
  UNION ALL
  SELECT s.system, s.cluster, r.time, 'said' FROM servers s JOIN runs r ON r.run_id = s.run_id
  UNION ALL
  SELECT system, cluster, time, 'ended' FROM enforcements WHERE ended IS NOT NULL
),
fitting AS (
  SELECT system, cluster FROM admissions WHERE mode <> 'offline' AND time < $to AND ($environment = '' OR environment = $environment) GROUP BY system, cluster
),
asking AS (
  SELECT DISTINCT system, cluster FROM admissions WHERE mode <> 'offline' AND time < $to
)
SELECT system, cluster, min(CASE WHEN kind <> 'ended' THEN time END) AS since, max(CASE WHEN kind <> 'ended' THEN time END) AS until,
  max(CASE WHEN kind = 'ended' THEN time END) AS ended
FROM reports p
WHERE time < $to AND ($system = '' OR system = $system)
  AND (EXISTS (SELECT 1 FROM fitting f WHERE f.system = p.system AND f.cluster = p.cluster)
    OR NOT EXISTS (SELECT 1 FROM asking k WHERE k.system = p.system AND k.cluster = p.cluster))
GROUP BY system, cluster
ORDER BY cluster, system`

/** Evidence that cannot be read: it concerns every answer. */
export const FAULTS = 'SELECT code, what FROM faults ORDER BY record_key, code, what'
