/**
 * Signs a statement and attaches the bundle to every subject as an OCI referrer
 * (image-spec 1.1, manifest.md; Cosign's bundle layout).
 *
 * Idempotent: what is attached already, with the same meaning and by the same
 * key, is left as it is.
 */
import {AppError} from '../../errors.ts'
import {isTimestamped} from '../../evidence/bundle.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {redactBlob} from '../../evidence/redaction/blob.ts'
import {PAYLOAD_TYPE, SPDX_TYPE, Statement, statementBytes, subjectFor, type StatementInput} from '../../evidence/statement.ts'
import type {Context} from '../../ports/context.ts'
import type {Descriptor, ImageStore} from '../../ports/images.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {SPDX_MEDIA_TYPE} from '../../tools/syft.ts'
import {BUNDLE_TYPE} from '../verify/find-attached.ts'
import {readAttached} from '../verify/read-attached.ts'
import {allAuthorities} from '../policy/read-trust.ts'
import {signStatement, type SignedStatement} from './sign-statement.ts'
import type {SigningKey} from './signing-key.ts'

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json'
const EMPTY = Buffer.from('{}')

export interface AttachRequest {
  readonly store: ImageStore
  /** The statement is attached to each; the first one names the record. */
  readonly subjects: readonly Descriptor[]
  readonly statement: Omit<StatementInput, 'digests'>
  readonly key: SigningKey
  /** Does an attached statement of this type and key already say the same, about all subjects? */
  readonly same: (statement: Statement, digest: string) => boolean
}

export interface AttachResult {
  readonly bundle: Uint8Array
  /** SHA-256 of the statement and of the bundle, hex. */
  readonly statementSha256: string
  readonly bundleSha256: string
  /** Digest of the referrer of the first subject. */
  readonly manifest: string
  /** False where everything was there before. */
  readonly attached: boolean
  /** A verified timestamp; UTC with milliseconds. */
  readonly signedAt?: string
  /** Cosign as it signed; undefined where nothing had to be signed, or it was signed in process. */
  readonly tool?: ToolRecord
}

export async function attachBundle(request: AttachRequest, context: Context): Promise<AttachResult> {
  const {store, subjects} = request
  const [first] = subjects
  if (first === undefined) throw new AppError('bug', 'no subject to attach to')

  const found = await findExisting(request, context)
  const [existing] = found.values()
  const made = existing ?? (await signNew(request, context))
  const now = context.now()
  const manifests = await Promise.all(
    subjects.map(
      async (subject) => found.get(subject.digest)?.manifest ?? (await pushReferrer(store, subject, made.bundle, request.statement.predicateType, now)).digest,
    ),
  )
  return {
    bundle: made.bundle,
    statementSha256: sha256Hex(made.payload),
    bundleSha256: sha256Hex(made.bundle),
    manifest: manifests[0] ?? '',
    attached: found.size < subjects.length,
    ...(made.signedAt !== undefined && {signedAt: made.signedAt}),
    ...('tool' in made && {tool: made.tool}),
  }
}

async function signNew({subjects, statement, key}: AttachRequest, context: Context): Promise<SignedStatement> {
  const bytes = statementBytes({...statement, digests: subjects.map(({digest}) => digest)})
  refuseUnclean(bytes, statement.predicateType)
  return signStatement(bytes, key, context)
}

/** What is signed and pushed cannot be taken back, nor recorded if it is unclean. @throws AppError `redaction.blob` */
function refuseUnclean(statement: Uint8Array, predicateType: string): void {
  redactBlob({name: 'the statement', mediaType: predicateType === SPDX_TYPE ? SPDX_MEDIA_TYPE : PAYLOAD_TYPE, bytes: statement, exact: true}, undefined)
}

interface Existing {
  readonly bundle: Uint8Array
  readonly payload: Uint8Array
  readonly signedAt?: string
  readonly manifest: string
}

/** By subject digest: the bundle that already says the same. */
async function findExisting({store, subjects, statement, key, same}: AttachRequest, context: Context): Promise<Map<string, Existing>> {
  const verify = await context.verifySignature()
  const timestampAuthorities = await allAuthorities(context)
  const found = new Map<string, Existing>()
  for (const {digest} of subjects) {
    for (const {manifest, bundle} of await readAttached(store, digest)) {
      if (bundle === undefined) continue
      const check = verify({form: 'bundle', bytes: bundle}, {keys: [key.public], timestampAuthorities})
      if (check.state === 'failed' || check.content.kind !== 'statement') continue
      // Signed before there was an authority to show it to: without a time it is not the same.
      const isTimed = timestampAuthorities.length > 0 ? check.signedAt !== undefined : isTimestamped(bundle)
      if (context.config.signing.timestamp !== undefined && !isTimed) continue
      // From the payload: of a large SBOM the statement is only an outline.
      const said = Statement.safeParse(JSON.parse(Buffer.from(check.content.payload).toString('utf8')))
      if (!said.success || said.data.predicateType !== statement.predicateType) continue
      if (subjectFor(said.data, digest) !== undefined && same(said.data, digest))
        found.set(digest, {bundle, payload: check.content.payload, manifest, ...(check.signedAt !== undefined && {signedAt: check.signedAt})})
    }
  }
  return found
}

/** One manifest with `subject`, whose only layer is the bundle. */
export async function pushReferrer(store: ImageStore, subject: Descriptor, bundle: Uint8Array, predicateType: string, now: Date): Promise<Descriptor> {
  const config = await store.pushBlob(EMPTY)
  const layer = await store.pushBlob(bundle)
  const annotations = {
    'org.opencontainers.image.created': `${now.toISOString().slice(0, 19)}Z`,
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: BUNDLE_TYPE,
    config: {mediaType: EMPTY_TYPE, digest: config.digest, size: config.size},
    layers: [{mediaType: BUNDLE_TYPE, digest: layer.digest, size: layer.size}],
    subject: {mediaType: subject.mediaType, digest: subject.digest, size: subject.size},
    annotations,
  }
  const pushed = await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MANIFEST_TYPE)
  const descriptor = {...pushed, artifactType: BUNDLE_TYPE, annotations}
  await store.linkReferrers(subject, [descriptor])
  return descriptor
}
