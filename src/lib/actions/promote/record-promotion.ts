/** The record of a promotion: written once per effect, before its tags, so that no tag stands without one. */
import type {DetailOf, RecordOf} from '../../evidence/schema.ts'
import type {Approval} from '../../policy/checks/approvals.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import type {AttachResult} from '../sign/attach-bundle.ts'
import type {PromotionPlan} from './plan-promotion.ts'
import {pending, type PromotionTag} from './promotion-tags.ts'
import {recordOnce} from '../evidence/record-once.ts'
import {promotionSigner} from './sign-promotion.ts'

export interface Promoted {
  readonly signature: AttachResult
  readonly summary: AttachResult
  /** Those that counted. */
  readonly approvals: readonly Approval[]
  readonly tags: readonly PromotionTag[]
  /** Bundles of the approvals, by SHA-256. */
  readonly approved: ReadonlyMap<string, Uint8Array>
}

/** @returns the record's id; undefined under --no-record. @throws AppError `record.*` */
export async function recordPromotion(
  plan: PromotionPlan,
  {signature, summary, approvals, tags, approved}: Promoted,
  context: Context,
): Promise<string | undefined> {
  const {from, to, open, policy} = plan
  const subject = `${to}@${open.digest}`
  const detail: DetailOf<'promotion'> = {
    from,
    to,
    tags: pending(tags, open.digest).map(({tag, was}) => ({tag, ...(was !== undefined && {was})})),
    signer: promotionSigner(plan),
    signature: signature.bundleSha256,
    verification: summary.bundleSha256,
    policy: policy.digest,
    approvals: approvals.map(({person, signer, bundle}) => ({person, signer, bundle})),
  }
  const tools = [signature.tool, summary.tool].flatMap((tool) => (tool === undefined ? [] : [tool])).slice(0, 1)
  const names = new Set(tags.map(({tag}) => tag))
  return recordOnce(
    `the promotion of ${subject}`,
    context,
    {
      stream: 'promotion',
      subject,
      environment: policy.name,
      outcome: 'pass',
      detail,
      ...(tools.length > 0 && {tools}),
      blobs: [
        blob('signature.json', signature.bundle),
        blob('summary.json', summary.bundle),
        ...approvals.flatMap(({bundle}, index) => approvalBlob(approved.get(bundle), index + 1)),
        ...(policy.texts ?? []),
      ],
    },
    // Of each tag the newest promotion is its story: an older one may say the same of another turn.
    (record) => record.data.detail.to === to && (record.subject === subject || record.data.detail.tags.some(({tag}) => names.has(tag))),
    (record) => record.subject === subject && covers(record.data.detail, detail),
  )
}

/** Says all of it: the same statements, and each tag that is still to be written, from where it is now. */
function covers(written: RecordOf<'promotion'>['data']['detail'], wanted: DetailOf<'promotion'>): boolean {
  const isSame = written.signature === wanted.signature && written.verification === wanted.verification
  return isSame && wanted.tags.every(({tag, was}) => written.tags.some((one) => one.tag === tag && one.was === was))
}

function approvalBlob(bytes: Uint8Array | undefined, place: number): BlobInput[] {
  return bytes === undefined ? [] : [blob(`approval-${place}.json`, bytes)]
}

function blob(name: string, bytes: Uint8Array): BlobInput {
  return {name, mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes, exact: true}
}
