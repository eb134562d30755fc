import type {Question} from '../question.ts'
import {DEPLOYMENTS, JUDGED, NOT_MADE, WHO, within} from './derived.ts'

/** Deployments of images whose signature had been verified; `unsigned-in-production` is the rest. */
export const signedImages: Question = {
  name: 'signed-images',
  version: 2,
  aliases: [],
  audience: 'auditor',
  asks: 'Which images were deployed with a signature that had been verified before?',
  parameters: ['from', 'to', 'system', 'environment', 'namespace'],
  controls: [
    {id: 'HIPAA 164.312(c)(1)', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC6.8', basis: 'hipaa-ci-interpretation'},
    {id: 'SOC 2 CC8.1', basis: 'hipaa-ci-interpretation'},
    {id: 'NIST 800-53 SI-7', basis: 'framework-text'},
    {id: 'NIST 800-53 CM-14', basis: 'framework-text'},
  ],
  doesNotProve: [
    'the integrity of ePHI itself: a signature speaks of the code that handles it',
    'that a signed image is harmless',
    'that nothing was deployed without leaving a record',
    NOT_MADE,
  ],
  reads: ['signature', 'verification', 'admission', 'deployment'],
  columns: [
    {name: 'deployed_at', says: 'when the deployment was recorded (UTC)'},
    {name: 'environment', says: 'where to'},
    {name: 'cluster', says: 'cluster, where known', wide: true},
    {name: 'namespace', says: 'Kubernetes namespace', wide: true},
    {name: 'workload', says: 'what runs it'},
    {name: 'image', says: 'repository and digest'},
    {name: 'verified_at', says: 'when the signature was last checked before that'},
    {name: 'checked_by', says: 'verification: by the pipeline or a person; admission: by the cluster'},
    {name: 'verdict', says: 'of that check as a whole: it may have failed for another reason, although the signature was verified'},
    {name: 'signer', says: 'the newest signature recorded: digest of the key, or the identity'},
    {name: 'outcome', says: 'outcome of the deployment', wide: true},
    {name: 'source', says: 'deployment: recorded by the deploy step; admission: by the cluster', wide: true},
    {name: 'deployed_by', says: 'user of the admission request, else the person or workload that recorded the deployment', wide: true},
    {name: 'basis', says: 'how that is known; claimed is a bare word, cluster is what the API server says', wide: true},
    {name: 'system', says: 'system in scope', wide: true},
    {name: 'deployment_record', says: 'id of the record', wide: true},
    {name: 'check_record', says: 'id of the record of the check', wide: true},
  ],
  example: 'hipaa-ci query signed-images --from 2026-07-01 --to 2026-09-30 --environment production',
  exceptions: false,
  sql: `WITH ${DEPLOYMENTS},
${JUDGED},
signers AS (
  SELECT repository, digest, signer, row_number() OVER (PARTITION BY repository, digest ORDER BY time_ms DESC, record_id DESC) AS age
  FROM signatures
)
SELECT d.time AS deployed_at, d.environment, d.cluster, d.namespace, d.workload, d.image, j.checked_at AS verified_at, j.made_by AS checked_by, j.verdict,
  s.signer,
  d.outcome, d.source, ${WHO}, d.system, d.record_id AS deployment_record, j.check_id AS check_record
FROM deployments d
JOIN judged j ON j.deployment_id = d.record_id AND j.age = 1 AND j.state = 'verified'
JOIN records r ON r.record_id = d.record_id
LEFT JOIN signers s ON s.repository = d.repository AND s.digest = d.digest AND s.age = 1
WHERE ${within('d')}
ORDER BY d.time, d.record_id`,
}
