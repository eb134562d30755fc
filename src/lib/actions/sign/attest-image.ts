/**
 * Signs statements about an image and attaches them: provenance, SBOM, vulnerabilities, gate decision.
 *
 * SBOM and vulnerabilities are about one platform each; provenance and the gate
 * are about the whole, index and platforms alike.
 */
import canonicalize from 'canonicalize'
import type {LongLived} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {PROVENANCE_TYPE, SPDX_TYPE, TEST_RESULT_TYPE, VULNS_TYPE, type Statement} from '../../evidence/statement.ts'
import {gatePredicate} from '../../predicates/gate.ts'
import {provenancePredicate, type ProvenanceInput} from '../../predicates/provenance.ts'
import {vulnsPredicate} from '../../predicates/vulns.ts'
import type {Context} from '../../ports/context.ts'
import type {Descriptor} from '../../ports/images.ts'
import {attachBundle} from './attach-bundle.ts'
import {ATTEST_TYPES, readMaterial, type AttestMaterial, type AttestType} from './attest-material.ts'
import {joinedDecisions} from './joined-decisions.ts'
import {openPinnedImage, repositoryOf, type OpenImage} from '../open-image.ts'
import {keyText} from '../policy/policy-text.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {openSigningKey, type SigningKey} from './signing-key.ts'
import {workflowInputs} from './workflow-inputs.ts'

export {ATTEST_TYPES}

export interface AttestRequest {
  readonly image: string
  readonly types: readonly AttestType[]
  readonly key?: string
  readonly repository?: string
  /** Credentials that do not end by themselves, allowed in CI all the same. */
  readonly allowLongLived?: readonly LongLived[]
  /** Default: what the evidence store holds about the image. */
  readonly material?: AttestMaterial
  /** Run files of other jobs of this run: provenance names what they decided about the image, and nothing else. */
  readonly join?: readonly string[]
  /** More inputs of the workflow, `name=value`. */
  readonly inputs?: readonly string[]
}

export interface Attestation {
  readonly type: AttestType
  readonly predicateType: string
  readonly subjects: readonly string[]
  /** False where the image carried it already. */
  readonly attached: boolean
  readonly manifest: string
  readonly record: string | undefined
}

export interface AttestResult {
  readonly exitCode: ExitCode
  readonly repository: string
  readonly digest: string
  readonly signer: {readonly spki: string}
  readonly attestations: readonly Attestation[]
}

interface Planned {
  readonly type: AttestType
  readonly predicateType: string
  readonly predicate: unknown
  readonly subjects: readonly Descriptor[]
}

export async function attestImage(request: AttestRequest, context: Context): Promise<AttestResult> {
  const open = await openPinnedImage(request.image, context)
  const repository = repositoryOf(open, request.repository)
  refuseIdle(request)
  const joined = request.join === undefined ? undefined : await joinedDecisions(request.join, open.subjects, context)
  const material = request.material ?? (await readMaterial({image: request.image, digest: open.digest, types: request.types, joined}, context))
  const facts = await context.ci()
  if (request.types.includes('provenance') && facts.dirty === true && facts.verified === undefined)
    context.progress.note('the tree has uncommitted changes, so provenance names no authors')
  const inputs = request.types.includes('provenance') ? await workflowInputs(facts, request.inputs ?? [], context) : {}
  const made = {facts, inputs, runId: await (await context.recorder()).runId()}
  const planned = request.types.flatMap((type) => plan(type, open, material, made, context))
  const key = await openSigningKey(request.key, context, request)

  const attestations: Attestation[] = []
  for (const item of planned) attestations.push(await attestOne(item, open, repository, key, context))
  return {exitCode: EXIT.ok, repository, digest: open.digest, signer: {spki: key.public.spki}, attestations}
}

/** What only provenance states is not given where none is made: it would be lost without a word. */
function refuseIdle({types, join = [], inputs = []}: AttestRequest): void {
  if (types.includes('provenance') || join.length + inputs.length === 0) return
  throw new AppError('usage.flag', `${join.length > 0 ? '--join' : '--input'} is about provenance, and none is to be attested`, {fix: 'Add --type provenance.'})
}

/** Where and in which run it is stated. */
type Made = Pick<ProvenanceInput, 'facts' | 'inputs' | 'runId'>

function plan(type: AttestType, open: OpenImage, material: AttestMaterial, made: Made, {now, version}: Context): Planned[] {
  switch (type) {
    case 'sbom':
      return perPlatform(open, material.sboms, 'sbom.missing', (predicate) => ({type, predicateType: SPDX_TYPE, predicate}))
    case 'vulns':
      return perPlatform(open, material.vulns, 'scan.missing', (input) => ({type, predicateType: VULNS_TYPE, predicate: vulnsPredicate(input)}))
    case 'gate': {
      if (material.gate === undefined) throw new AppError('gate.missing', `there is no gate decision on ${open.digest} to attest`)
      return [{type, predicateType: TEST_RESULT_TYPE, predicate: gatePredicate(material.gate), subjects: open.subjects}]
    }
    case 'provenance': {
      const predicate = provenancePredicate({...made, statedAt: now().toISOString(), toolVersion: version, byproducts: material.byproducts ?? []})
      return [{type, predicateType: PROVENANCE_TYPE, predicate, subjects: open.subjects}]
    }
  }
}

/** Every platform must have its own: an uncovered platform is refused, not left out. */
function perPlatform<T>(
  open: OpenImage,
  byDigest: ReadonlyMap<string, T> | undefined,
  code: 'sbom.missing' | 'scan.missing',
  make: (value: T) => Omit<Planned, 'subjects'>,
): Planned[] {
  return open.platforms.map(({platform, descriptor}) => {
    const value = byDigest?.get(descriptor.digest)
    if (value === undefined) throw new AppError(code, `nothing to attest for ${platform} (${descriptor.digest})`)
    return {...make(value), subjects: [descriptor]}
  })
}

async function attestOne(item: Planned, open: OpenImage, repository: string, key: SigningKey, context: Context): Promise<Attestation> {
  const {type, predicateType, predicate, subjects} = item
  const [first] = subjects
  if (first === undefined) throw new AppError('bug', 'an attestation without a subject')
  context.progress.step(`Attesting ${type} of ${repository}@${first.digest.slice(0, 19)}…`)
  const attachment = await attachBundle(
    {store: open.store, subjects, key, statement: {predicateType, predicate}, same: (statement) => saysTheSame(statement, predicate)},
    context,
  )
  const record = await recordEffect(`the ${type} attestation of ${repository}@${first.digest}`, context, {
    stream: 'attestation',
    subject: `${repository}@${first.digest}`,
    outcome: 'pass',
    detail: {
      signer: {spki: key.public.spki},
      credential_kind: key.kind,
      ...(key.credential !== undefined && {service_credential: key.credential}),
      ...(attachment.signedAt !== undefined && {signed_at: attachment.signedAt}),
      predicate_type: predicateType,
      subjects: subjects.map(({digest}) => digest),
      statement: attachment.statementSha256,
      bundle: attachment.bundleSha256,
      manifest: attachment.manifest,
    },
    ...(attachment.tool !== undefined && {tools: [attachment.tool]}),
    blobs: [{name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: attachment.bundle, exact: true}, keyText(key.public)],
  })
  return {type, predicateType, subjects: subjects.map(({digest}) => digest), attached: attachment.attached, manifest: attachment.manifest, record}
}

/** Equal but for when and in which invocation it was said. A scan's time is part of what it says: a rescan is news. */
function saysTheSame(statement: Statement, predicate: unknown): boolean {
  return canonicalize(timeless(statement.predicate)) === canonicalize(timeless(predicate))
}

/** Without SLSA's invocation, and without what SPDX makes up anew for each document. */
function timeless(predicate: unknown): unknown {
  const value: unknown = structuredClone(predicate)
  if (!isObject(value)) return value
  const {runDetails, creationInfo, spdxVersion} = value
  if (isObject(runDetails)) delete runDetails['metadata']
  if (spdxVersion !== undefined) {
    delete value['documentNamespace']
    if (isObject(creationInfo)) delete creationInfo['created']
  }
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
