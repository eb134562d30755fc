import type {Question} from '../question.ts'
import {DEPLOYMENTS, NOT_MADE, WHO, within} from './derived.ts'

/**
 * The population of changes that this store knows of. What a comparison with an audit log says was never made is marked, and
 * not left out: a log with a hole in it says the same of a pod that runs.
 */
export const deployments: Question = {
  name: 'deployments',
  version: 2,
  aliases: [],
  audience: 'auditor',
  asks: 'What was deployed, where, when, by whom and for which change?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'HIPAA 164.312(b)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC8.1', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 CM-3', basis: 'hipaa-ci-interpretation'},
    {id: 'HITRUST 09.b', basis: 'hipaa-ci-interpretation'},
  ],
  doesNotProve: [
    'that the population is complete: it comes from our own records, so compare it with an independent source',
    'who approved: approvals are recorded as evidence of their own, and are not joined to deployments here',
    NOT_MADE,
  ],
  reads: ['admission', 'deployment', 'reconciliation'],
  columns: [
    {name: 'deployed_at', says: 'when it was recorded (UTC)'},
    {name: 'environment', says: 'where to'},
    {name: 'cluster', says: 'cluster, where known', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace'},
    {name: 'workload', says: 'what runs it'},
    {name: 'image', says: 'repository and digest'},
    {name: 'previous', says: 'digest that ran there before', wide: true},
    {name: 'rollback_of', says: 'digest that this one was rolled back from', wide: true},
    {name: 'outcome', says: 'outcome of the deployment'},
    {name: 'deployed_by', says: 'user of the admission request, else the person or workload that recorded the deployment'},
    {name: 'basis', says: 'how that is known; claimed is a bare word, cluster is what the API server says'},
    {name: 'commit', says: 'source commit', wide: true},
    {name: 'authors', says: 'authors of the change', wide: true},
    {name: 'ticket', says: 'change ticket', wide: true},
    {name: 'source', says: 'deployment: recorded by the deploy step; admission: by the cluster', wide: true},
    {name: 'made', says: 'of what a cluster let in: no where its audit log says that the pod was never made, else unknown', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'run', says: 'the run that it belongs to', wide: true},
    {name: 'record', says: 'id of the record', wide: true},
  ],
  example: 'hipaa-ci query deployments --from 2026-07-01 --to 2026-09-30 --environment production',
  exceptions: false,
  sql: `WITH ${DEPLOYMENTS},
placed AS (
  SELECT d.*, lag(digest) OVER (PARTITION BY system, environment, cluster, namespace, workload, repository ORDER BY time_ms, record_id) AS seen_before
  FROM deployments d
)
SELECT d.time AS deployed_at, d.environment, d.cluster, d.namespace, d.workload, d.image, coalesce(d.stated_previous, d.seen_before) AS previous, d.rollback_of,
  d.outcome, ${WHO}, r.change_commit AS "commit", r.authors, r.change_ticket AS ticket, d.source, CASE WHEN d.source <> 'admission' THEN NULL WHEN EXISTS (
    SELECT 1 FROM differences x WHERE x.difference = 'reply-lost' AND x.cluster = d.cluster AND x.object_uid = d.object_uid
  ) THEN 'no' ELSE 'unknown' END AS made, d.system, r.run_id AS run, d.record_id AS record
FROM placed d
JOIN records r ON r.record_id = d.record_id
WHERE ${within('d')}
ORDER BY d.time, d.record_id`,
}
