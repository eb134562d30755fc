import {STREAMS} from '../../evidence/streams.ts'
import type {AnswerRow, Finished, Question} from '../question.ts'

/** Everything that one run recorded. Its gaps are named like every answer's. */
export const run: Question = {
  name: 'run',
  version: 1,
  aliases: ['build'],
  audience: 'engineer',
  asks: 'What did this run record, and is anything missing from it?',
  parameters: ['run'],
  required: ['run'],
  controls: [
    {id: 'HIPAA 164.316(b)(1)(ii)', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 SA-10', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: ['that a step did what its record says', 'that a step which the run did not declare was not made'],
  reads: STREAMS,
  columns: [
    {name: 'time', says: 'when (UTC)'},
    {name: 'job', says: 'job of the run'},
    {name: 'seq', says: "place in the job's chain"},
    {name: 'stream', says: 'kind of record'},
    {name: 'outcome', says: 'pass, fail, warn or error'},
    {name: 'decision', says: 'decision of a gate, verdict of a verification or admission'},
    {name: 'subject', says: 'what it is about'},
    {name: 'missing_before', says: 'records of the chain that are not there before this one'},
    {name: 'environment', says: 'environment', wide: true},
    {name: 'source', says: 'repository and workflow', wide: true},
    {name: 'tool_version', says: 'hipaa-ci that wrote it', wide: true},
    {name: 'sha256', says: 'digest of the stored record', wide: true},
    {name: 'record', says: 'id of the record'},
  ],
  example: 'hipaa-ci query run --run 01JZ8Q4X5T7V9W2Y3A4B5C6D7E',
  exceptions: false,
  sql: `WITH chain AS (
  SELECT r.*, lag(r.seq) OVER (PARTITION BY r.job ORDER BY r.seq, r.record_id) AS seq_before
  FROM records r
  WHERE r.run_id = $run
)
SELECT c.time, c.job, c.seq, c.stream, c.outcome, coalesce(g.decision, v.verdict, a.verdict) AS decision, c.subject,
  CASE WHEN c.seq - coalesce(c.seq_before, CASE WHEN c.seq = 0 THEN -1 ELSE 0 END) > 1 THEN c.seq - coalesce(c.seq_before, 0) - 1 ELSE 0 END AS missing_before,
  c.environment, c.source, c.tool_version, c.sha256, c.record_id AS record
FROM chain c
LEFT JOIN gates g ON g.record_id = c.record_id
LEFT JOIN verifications v ON v.record_id = c.record_id
LEFT JOIN admissions a ON a.record_id = c.record_id
ORDER BY c.time_ms, c.job, c.seq`,
  finish: refuseUnknown,
}

function refuseUnknown(rows: readonly AnswerRow[]): Finished {
  return {rows, notes: [], gaps: rows.length === 0 ? [{code: 'record.not-found', what: 'there is no record of this run'}] : []}
}
