import type {Period} from '../period.ts'
import type {AnswerRow, Finished, Question} from '../question.ts'

/** Every broken glass, and whether another person has looked at it. A review by whoever broke it is none. */
export const breakGlass: Question = {
  name: 'break-glass',
  version: 1,
  aliases: [],
  audience: 'auditor',
  asks: 'When was the glass broken, by whom and why, what was let in by it, and who reviewed that?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'HIPAA 164.312(a)(2)(ii)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC7.4', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-3', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that nothing was let in beside: while the provider was out of the way nothing is recorded (hipaa-ci query enforcement-gaps)',
    'that a reviewer and whoever broke the glass are two people: their names are compared as they stand',
    'that the signature of a review verifies, or that its key is of the reviewer: hipaa-ci admission break-glass --list judges that',
    'that a review was thorough',
  ],
  reads: ['break-glass'],
  columns: [
    {name: 'valid_from', says: 'from when on it let in (UTC)'},
    {name: 'expires', says: 'until when'},
    {name: 'kind', says: 'exemption: of one image; provider-down: the provider was taken out of the way', wide: true},
    {name: 'cluster', says: 'cluster'},
    {name: 'namespace', says: 'namespace; empty where it is about all'},
    {name: 'image', says: 'digest that was exempted'},
    {name: 'reason', says: 'why, as a code'},
    {name: 'incident', says: 'code of the incident'},
    {name: 'who', says: 'who signed it; where nobody did, who recorded it'},
    {name: 'uses', says: 'how often something was let in by it'},
    {name: 'state', says: 'reviewed; open: still to be reviewed; overdue: it is over, and nobody has'},
    {name: 'first_use', says: 'when something was first let in by it', wide: true},
    {name: 'last_use', says: 'and when last', wide: true},
    {name: 'reviewed_by', says: 'who reviewed it last: signed, or under a verified token, and neither who signed it nor who recorded it', wide: true},
    {name: 'reviewed_at', says: 'when', wide: true},
    {name: 'reviewers_needed', says: 'two where nothing proves who broke it', wide: true},
    {name: 'opened', says: 'false: only its use was recorded, so whoever signed it went round the command', wide: true},
    {name: 'recorded_by', says: 'who recorded it', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'record', says: 'id of the record to review it by', wide: true},
  ],
  example: 'hipaa-ci query break-glass --since 90d',
  exceptions: false,
  sql: `WITH uses AS (
  SELECT u.*, row_number() OVER (PARTITION BY u.statement ORDER BY u.time_ms, u.record_id) AS place
  FROM break_glass_records u
  WHERE u.action = 'use' AND u.statement IS NOT NULL
),
openings AS (
  SELECT g.record_id, TRUE AS opened
  FROM break_glass_records g
  WHERE g.action = 'open' AND NOT EXISTS (SELECT 1 FROM break_glass_records l WHERE l.action = 'open' AND l.opened_by_record = g.record_id)
  UNION ALL
  SELECT u.record_id, FALSE
  FROM uses u
  WHERE u.place = 1 AND NOT EXISTS (SELECT 1 FROM break_glass_records o WHERE o.action = 'open' AND o.statement = u.statement)
),
used AS (
  SELECT statement, count(*) AS uses, min(time) AS first_use, max(time) AS last_use, max(record_id) AS last_record FROM uses GROUP BY statement
),
reviews AS (
  SELECT v.opened_by_record, v.reviewer, max(v.record_id) AS record_id, max(v.time) AS time
  FROM break_glass_records v
  JOIN records w ON w.record_id = v.record_id
  JOIN break_glass_records g ON g.record_id = v.opened_by_record
  JOIN records r ON r.record_id = g.record_id
  WHERE v.action = 'review' AND v.reviewer IS NOT NULL AND (v.review_statement IS NOT NULL OR w.human_basis = 'token')
    AND v.reviewer <> coalesce(g.person, '') AND (v.reviewer <> coalesce(r.human, '') OR g.action = 'use')
  GROUP BY v.opened_by_record, v.reviewer
),
reviewed AS (
  SELECT x.*, lag(x.reviewer) OVER (PARTITION BY x.opened_by_record ORDER BY x.record_id) AS other,
    lag(x.record_id) OVER (PARTITION BY x.opened_by_record ORDER BY x.record_id) AS other_id,
    row_number() OVER (PARTITION BY x.opened_by_record ORDER BY x.record_id DESC) AS age
  FROM reviews x
),
glass AS (
  SELECT g.*, o.opened, CASE WHEN g.statement IS NOT NULL OR (o.opened AND r.human_basis = 'token') THEN 1 ELSE 2 END AS needs,
    coalesce(r.human, r.workload) AS recorded_by
  FROM openings o
  JOIN break_glass_records g ON g.record_id = o.record_id
  JOIN records r ON r.record_id = g.record_id
)
SELECT g.valid_from, g.expires, g.kind, g.cluster, g.namespace, coalesce(g.repository || '@' || g.exempted, g.exempted) AS image, g.reason, g.incident,
  coalesce(g.person, CASE WHEN g.opened THEN g.recorded_by END) AS who, coalesce(u.uses, 0) AS uses,
  CASE WHEN CASE WHEN g.needs = 1 THEN v.record_id ELSE v.other_id END >= coalesce(u.last_record, '') THEN 'reviewed' ELSE 'open' END AS state,
  u.first_use, u.last_use, coalesce(v.other || ', ' || v.reviewer, v.reviewer) AS reviewed_by, v.time AS reviewed_at, g.needs AS reviewers_needed, g.opened,
  g.recorded_by, g.system, g.record_id AS record
FROM glass g
LEFT JOIN used u ON u.statement = g.statement
LEFT JOIN reviewed v ON v.opened_by_record = g.record_id AND v.age = 1
WHERE g.valid_from < $to AND g.expires >= $from AND ($system = '' OR g.system = $system) AND ($environment = '' OR g.environment = $environment)
  AND ($namespace = '' OR g.namespace = $namespace OR g.namespace IS NULL)
ORDER BY g.valid_from, g.record_id`,
  finish: nameOverdue,
}

/** What is over and waits for a review is overdue, not merely open. */
function nameOverdue(rows: readonly AnswerRow[], {to}: Period): Finished {
  const named = rows.map((row) => (row['state'] === 'open' && String(row['expires']) < to ? {...row, state: 'overdue'} : row))
  return {rows: named, gaps: [], notes: []}
}
