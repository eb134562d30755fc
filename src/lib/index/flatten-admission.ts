/** One image of an admission request as a row. Pure. */
import type {RecordOf} from '../evidence/schema.ts'
import {listed, signerColumns, type commonColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

/** The suffix that a Deployment gives its ReplicaSets: letters and digits that make no words. */
const TEMPLATE_HASH = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/

export function admissionRow(record: RecordOf<'admission'>, common: ReturnType<typeof commonColumns>): TableRow {
  const {detail} = record.data
  const tried = detail.signatures_tried
  // One good signature is enough; without one, the first tells why.
  const decisive = tried.find(({state}) => state === 'verified') ?? tried[0]
  const unsigned = decisive === undefined && detail.reasons.includes('signature.missing')
  const owner = workloadOf(detail)
  return {
    table: 'admissions',
    row: {
      ...common,
      repository: common.repository ?? repositoryOf(detail.image),
      cluster: detail.cluster,
      uid: detail.uid,
      user_id: detail.user,
      user_groups: listed(detail.groups),
      user_arn: detail.arn ?? null,
      namespace: detail.namespace,
      workload: owner.name,
      workload_kind: owner.kind,
      object_kind: detail.kind,
      object_name: detail.name ?? null,
      operation: detail.operation,
      subresource: detail.subresource ?? null,
      dry_run: detail.dry_run,
      mode: detail.mode,
      image: detail.image,
      path: detail.path,
      ...signerColumns(decisive?.signer),
      // Where it did not come to looking (a tag, an outage, a rule for the image) nothing is known of a signature.
      signature_state: decisive?.state ?? (unsigned ? 'missing' : null),
      signature_reason: decisive?.reason ?? (unsigned ? 'signature.missing' : null),
      signatures_tried: listed(tried.map(({signer, state, reason}) => [signerColumns(signer).signer, state, reason].filter(Boolean).join(' '))),
      policy: detail.policy ?? null,
      verdict: detail.verdict,
      reasons: listed(detail.reasons),
      object_uid: detail.object_uid ?? null,
      exemption: detail.exemption ?? null,
    },
  }
}

/** The outermost owner, under the name that a deploy step would use: a ReplicaSet stands for its Deployment. A bare pod has none; what makes pods is one itself. */
function workloadOf({owner_chain: chain, kind, name}: Pick<RecordOf<'admission'>['data']['detail'], 'owner_chain' | 'kind' | 'name'>): {
  kind: string
  name: string
} {
  const outer = chain.at(-1)
  if (outer === undefined) return kind === 'Pod' ? {kind, name: '(pod)'} : {kind, name: name ?? '(unnamed)'}
  return outer.kind === 'ReplicaSet' ? {kind: 'Deployment', name: outer.name.replace(TEMPLATE_HASH, '')} : {kind: outer.kind, name: outer.name}
}

/** What stands before the tag or digest: `host:5000/path:tag` -> `host:5000/path`. */
function repositoryOf(image: string): string {
  const named = image.split('@')[0] ?? image
  const colon = named.lastIndexOf(':')
  return colon > named.lastIndexOf('/') ? named.slice(0, colon) : named
}
