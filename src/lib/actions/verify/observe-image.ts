/**
 * Everything that a verdict is made from: platforms, and what is attached to
 * each digest, checked against everybody whom the policy trusts.
 *
 * What cannot be fetched is an error here, never an absence. Bundles are
 * verified as they come and then let go: only what a verdict looks at is kept.
 */
import {SIGN_TYPE, STATEMENT_TYPE, Statement} from '../../evidence/statement.ts'
import {cutBundle} from '../../intake/large-bundle.ts'
import type {Attached, Observation} from '../../policy/model.ts'
import {keepNeeded} from '../../predicates/keep-needed.ts'
import type {Context} from '../../ports/context.ts'
import type {ImageStore} from '../../ports/images.ts'
import type {FoundSignature, SignatureCheck, SignedContent, Trust} from '../../ports/signatures.ts'
import {byteGate, type ByteGate} from './byte-gate.ts'
import {findAttached, type AttachedLayer} from './find-attached.ts'
import type {OpenImage} from '../open-image.ts'
import {IN_HAND, visitLayers, wholeBlob} from './read-attached.ts'

/** What is attached to a digest; of one digest it is read once, however often it is asked for. */
export type LookAt = (store: ImageStore, digest: string) => Promise<readonly Attached[]>

export function attachedReader(trust: Trust, context: Context): LookAt {
  const gate = byteGate(IN_HAND)
  const looks = new Map<string, Promise<readonly Attached[]>>()
  return async (store, digest) => {
    const look = looks.get(digest) ?? readVerified(store, digest, {trust, gate, context})
    looks.set(digest, look)
    return look
  }
}

/** @throws AppError `referrers.too-many`, `registry.*`, `image.corrupt` */
export async function observeImage(open: OpenImage, repository: string, look: LookAt): Promise<Observation> {
  const attached = await Promise.all(open.subjects.map(async ({digest}) => [digest, await look(open.store, digest)] as const))
  const platforms = open.platforms.map(({platform, descriptor}) => ({platform, digest: descriptor.digest}))
  return {digest: open.digest, repository, platforms, attached: new Map(attached)}
}

interface Reading {
  readonly trust: Trust
  readonly gate: ByteGate
  readonly context: Context
}

async function readVerified(store: ImageStore, digest: string, {trust, gate, context}: Reading): Promise<readonly Attached[]> {
  const [verify, layers] = await Promise.all([context.verifySignature(), findAttached(store, digest)])
  return visitLayers(layers, gate, async (item) => {
    const {manifest} = item
    if (item.form === 'gone')
      return {state: 'failed', manifest, reason: 'attestation.unreadable', message: `the registry lists ${manifest} as attached, and does not have it`}
    const found = await readLayer(store, item)
    return toAttached({manifest, sha256: item.layer.digest.replace(/^sha256:/, '')}, found === undefined ? UNREADABLE : verify(found, trust))
  })
}

/** What is smaller is read whole. */
const LARGE = 4 * 1024 * 1024
const UNREADABLE = {state: 'failed', reason: 'attestation.unreadable', message: 'not a Sigstore bundle'} as const

/** Undefined where a large bundle is none. */
async function readLayer(store: ImageStore, {form, layer}: Extract<AttachedLayer, {layer: unknown}>): Promise<FoundSignature | undefined> {
  if (form === 'bundle' && layer.size > LARGE) {
    const cut = await cutBundle(store.streamBlob(layer), layer.size)
    return cut === undefined ? undefined : {form, bytes: cut.rest, payload: cut.payload}
  }
  const bytes = await wholeBlob(store, layer)
  const {annotations = {}} = layer
  if (form === 'bundle') return {form, bytes}
  return form === 'envelope' ? {form, envelope: bytes, annotations} : {form, payload: bytes, annotations}
}

/** @param from where it lies, and the digest (hex) of its bytes */
export function toAttached({manifest, sha256}: {readonly manifest: string; readonly sha256: string}, check: SignatureCheck): Attached {
  if (check.state === 'failed') return {...check, manifest}
  const {signer, signedAt, content} = check
  const statement = statementOf(content)
  if (statement === undefined) return {state: 'failed', manifest, reason: 'attestation.invalid', message: 'the signed payload is not an in-toto statement'}
  return {state: 'verified', manifest, bundle: sha256, signer, ...(signedAt !== undefined && {signedAt}), statement}
}

/** What Cosign 2 signed says the same as a statement of Cosign 3, with the repository in its own place. */
function statementOf(content: SignedContent): Statement | undefined {
  if (content.kind === 'message') return undefined
  if (content.kind === 'statement') {
    const parsed = Statement.safeParse(content.statement)
    return parsed.success ? keepNeeded(parsed.data) : undefined
  }
  const {digest, repository} = content
  const subject = {digest: {sha256: digest.replace(/^sha256:/, '')}, ...(repository !== undefined && {annotations: {repository}})}
  return {_type: STATEMENT_TYPE, subject: [subject], predicateType: SIGN_TYPE, predicate: {}}
}
