/**
 * Which requests let something in, out of the records of their images.
 *
 * Rules: a request lets in as a whole: all of its images were good or exempted, or the cluster only warned. A dry run, an
 * audit, advice and a judgement by hand let nothing in. Records of one request are those of one cluster and uid; a replica
 * that was asked again leaves a second set, and then none of them may be a refusal.
 */
import type {RecordOf} from '../evidence/schema.ts'

export interface AllowedImage {
  /** As the record names it. */
  readonly image: string
  /** Undefined where it names none: a tag that was warned about. */
  readonly repository?: string
  readonly digest?: string
}

export interface AllowedRequest {
  readonly uid: string
  readonly objectUid: string
  readonly namespace: string
  readonly name: string | undefined
  readonly user: string
  readonly operation: string
  readonly owners: readonly {readonly kind: string; readonly name: string}[]
  /** Of its last record, UTC. */
  readonly time: string
  /** `warned`: it was refused, and ran. `exempted`: somebody broke the glass. */
  readonly how: 'verified' | 'warned' | 'exempted'
  readonly images: readonly AllowedImage[]
  /** Ids. */
  readonly records: readonly string[]
}

export type AdmissionRecord = RecordOf<'admission'>

/** @param records of one cluster, in any order */
export function allowedRequests(records: Iterable<AdmissionRecord>): readonly AllowedRequest[] {
  const requests = new Map<string, AdmissionRecord[]>()
  for (const record of records) {
    const {dry_run: dryRun, mode, uid} = record.data.detail
    if (dryRun || (mode !== 'enforce' && mode !== 'warn')) continue
    requests.set(uid, [...(requests.get(uid) ?? []), record])
  }
  return [...requests.values()].filter((images) => images.every(letIn)).flatMap((images) => requestOf(images) ?? [])
}

export type RefusedRequest = Omit<AllowedRequest, 'how' | 'images'> & {readonly reasons: readonly string[]}

/** Requests that were kept out: for a definite reason, or because something could not be checked. */
export function refusedRequests(records: Iterable<AdmissionRecord>): readonly RefusedRequest[] {
  const refused = new Map<string, AdmissionRecord[]>()
  for (const record of records) {
    const {dry_run: dryRun, mode, uid} = record.data.detail
    if (!dryRun && mode === 'enforce' && !letIn(record)) refused.set(uid, [...(refused.get(uid) ?? []), record])
  }
  return [...refused.values()].flatMap((images) => {
    const [first] = images
    if (first === undefined) return []
    const {time, data} = first
    const {uid, object_uid: objectUid, namespace, name, user, operation, owner_chain: owners} = data.detail
    const reasons = [...new Set(images.flatMap((image) => image.data.detail.reasons))]
    return [{uid, objectUid: objectUid ?? '', namespace, name, user, operation, owners, time, reasons, records: images.map(({id}) => id)}]
  })
}

function letIn({data}: AdmissionRecord): boolean {
  const {verdict, mode, exemption} = data.detail
  return verdict === 'verified' || mode === 'warn' || exemption !== undefined
}

function requestOf(records: readonly AdmissionRecord[]): AllowedRequest | undefined {
  const [first] = records
  const details = records.map(({data}) => data.detail)
  const about = details.find(({object_uid: uid}) => uid !== undefined)
  if (first === undefined || about?.object_uid === undefined) return undefined
  const exempted = details.some(({exemption}) => exemption !== undefined)
  return {
    uid: about.uid,
    objectUid: about.object_uid,
    namespace: about.namespace,
    name: about.name,
    user: about.user,
    operation: about.operation,
    owners: about.owner_chain,
    time:
      records
        .map(({time}) => time)
        .toSorted()
        .at(-1) ?? first.time,
    how: details.every(({verdict}) => verdict === 'verified') ? 'verified' : exempted ? 'exempted' : 'warned',
    images: records.map(({subject, data}) => ({image: data.detail.image, ...pinnedSubject(subject)})),
    records: records.map(({id}) => id),
  }
}

function pinnedSubject(subject: string): {repository?: string; digest?: string} {
  const [, repository, digest] = /^([^@]+)@(sha256:[0-9a-f]{64})$/.exec(subject) ?? []
  return repository === undefined || digest === undefined ? {} : {repository, digest}
}
