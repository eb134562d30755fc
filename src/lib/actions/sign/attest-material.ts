/**
 * What an attestation says, taken from the evidence: the newest SBOM, scan and gate records of the image.
 *
 * A pipeline that has just made them hands them over instead, so that a role
 * which may only write can attest too.
 */
import {AppError} from '../../errors.ts'
import {FINDINGS_BLOB, FindingsBlob} from '../../evidence/finding.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {GatePredicateInput} from '../../predicates/gate.ts'
import type {Byproduct} from '../../predicates/provenance.ts'
import type {VulnsInput} from '../../predicates/vulns.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {newestRecord, readBlob, type FoundRecord} from '../evidence/find-record.ts'

export interface AttestMaterial {
  /** SPDX documents by platform digest. */
  readonly sboms?: ReadonlyMap<string, unknown>
  /** By platform digest. */
  readonly vulns?: ReadonlyMap<string, VulnsInput>
  readonly gate?: GatePredicateInput
  readonly byproducts?: readonly Byproduct[]
}

export const ATTEST_TYPES = ['provenance', 'sbom', 'vulns', 'gate'] as const
export type AttestType = (typeof ATTEST_TYPES)[number]

export interface MaterialRequest {
  readonly image: string
  readonly digest: string
  readonly types: readonly AttestType[]
  /** The decisions that provenance names; without them those that the store holds. */
  readonly joined?: readonly Byproduct[] | undefined
}

/** @throws AppError `sbom.missing`, `scan.missing`, `gate.missing` */
export async function readMaterial({image, digest, types, joined}: MaterialRequest, context: Context): Promise<AttestMaterial> {
  // Who only states what was handed over need not be able to read the store.
  if (joined !== undefined && types.every((type) => type === 'provenance')) return {byproducts: joined}
  const store = await context.store()
  const wants = (type: AttestType) => types.includes(type)
  const looksUp = joined === undefined && wants('provenance')
  const gate = wants('gate') || wants('vulns') || looksUp ? await newestRecord('gate', digest, store) : undefined
  const sbom = wants('sbom') || looksUp ? await newestRecord('sbom', digest, store) : undefined
  if (wants('sbom') && sbom === undefined) throw new AppError('sbom.missing', `no SBOM of ${digest} is in ${store.address}`, {fix: `hipaa-ci sbom ${image}`})
  const scan = gate === undefined ? undefined : await vulnerabilityScan(gate.record, digest, store)
  if (wants('vulns') && scan === undefined) throw new AppError('scan.missing', `no scan of ${digest} is in ${store.address}`, {fix: `hipaa-ci scan ${image}`})
  if (wants('gate') && gate === undefined)
    throw new AppError('gate.missing', `no gate decision on ${digest} is in ${store.address}`, {fix: `hipaa-ci scan ${image}`})

  return {
    ...(wants('sbom') && sbom !== undefined && {sboms: await readSboms(sbom.record, digest, store)}),
    ...(wants('vulns') && scan !== undefined && {vulns: await readVulns(scan.record, store)}),
    ...(wants('gate') && gate !== undefined && {gate: gateInput(gate)}),
    byproducts: joined ?? [sbom, scan, gate].flatMap((found) => (found === undefined ? [] : [toByproduct(found)])),
  }
}

async function vulnerabilityScan(gate: RecordOf<'gate'>, digest: string, store: EvidenceStore): Promise<FoundRecord<'scan'> | undefined> {
  const judged = gate.data.detail.scans
  return newestRecord('scan', digest, store, (record) => judged.includes(record.id) && record.data.detail.kind === 'vulnerability')
}

async function readSboms(record: RecordOf<'sbom'>, digest: string, store: EvidenceStore): Promise<Map<string, unknown>> {
  const sboms = new Map<string, unknown>()
  for (const {blob, digest: platform} of record.data.detail.platforms)
    sboms.set(platform ?? digest, JSON.parse(Buffer.from(await readBlob(record, blob, store)).toString('utf8')))
  return sboms
}

async function readVulns(record: RecordOf<'scan'>, store: EvidenceStore): Promise<Map<string, VulnsInput>> {
  const {findings} = FindingsBlob.parse(JSON.parse(Buffer.from(await readBlob(record, FINDINGS_BLOB, store)).toString('utf8')))
  const tool = record.data.tools.find(({database}) => database !== undefined)
  if (tool === undefined) throw new AppError('record.invalid', `scan record ${record.id} names no scanner with a database`)
  return new Map(
    record.data.detail.platforms.map(({digest}) => [digest, {tool, startedAt: record.time, finishedAt: record.time, findings: vulnsOf(findings, digest)}]),
  )
}

/** The vulnerabilities of one platform, as the predicate wants them. */
export function vulnsOf(findings: FindingsBlob['findings'], digest: string): VulnsInput['findings'] {
  return findings
    .filter((finding) => finding.kind === 'vulnerability' && finding.platform === digest)
    .map(({id, severity, package: found}) => ({id, severity, ...(found?.purl !== undefined && {purl: found.purl})}))
}

function gateInput({record, sha256}: FoundRecord<'gate'>): GatePredicateInput {
  const {decision, policy, reasons} = record.data.detail
  return {decision, policy, reasons, decidedAt: record.time, tools: record.data.tools, record: {id: record.id, sha256}}
}

function toByproduct({record, sha256}: FoundRecord<'sbom'> | FoundRecord<'scan'> | FoundRecord<'gate'>): Byproduct {
  return {
    name: record.stream,
    id: record.id,
    sha256,
    outcome: record.data.outcome,
    ...(record.stream === 'gate' && {policy: record.data.detail.policy}),
  }
}
