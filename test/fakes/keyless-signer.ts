/**
 * Signs as Cosign does without a key: a fresh key pair, a certificate for it, an entry in the log, a timestamp.
 *
 * Promise: what is made with no options verifies under the trusted root of its authorities, and every option leaves out
 * or exchanges exactly one thing.
 */
import {createHash, generateKeyPairSync, sign, X509Certificate} from 'node:crypto'
import {PAYLOAD_TYPE, statementBytes} from '../../src/lib/evidence/statement.ts'
import type {FoundSignature} from '../../src/lib/ports/signatures.ts'
import {preAuthEncoding} from './dsse-signer.ts'
import type {Authorities, LogEntry} from './sigstore-authorities.ts'

export const IDENTITY = 'https://github.com/example/synthetic/.github/workflows/release.yml@refs/heads/main'
export const ISSUER = 'https://token.actions.githubusercontent.com'

export interface KeylessOptions {
  readonly identity?: string
  readonly issuer?: string
  /** Who certifies, logs and stamps, where it is not the authorities as a whole; false leaves it out. */
  readonly certifiedBy?: Authorities
  readonly loggedBy?: Authorities | false
  readonly stampedBy?: Authorities | false
  /** The certificate that the bundle brings, or the log records, instead of the right one. */
  readonly brought?: Buffer
  readonly recorded?: Buffer
}

export interface KeylessBundle {
  mediaType: string
  verificationMaterial: {
    certificate?: {rawBytes: string}
    tlogEntries?: LogEntry[]
    timestampVerificationData?: {rfc3161Timestamps: {signedTimestamp: string}[]}
  }
  dsseEnvelope?: {payload: string; payloadType: string; signatures: {sig: string}[]}
  messageSignature?: {messageDigest: {algorithm: string; digest: string}; signature: string}
}

export const STATEMENT = statementBytes({digests: [`sha256:${'a'.repeat(64)}`], predicateType: 'https://example.test/synthetic', predicate: {}})

export async function keylessBundle(authorities: Authorities, payload: Uint8Array = STATEMENT, options: KeylessOptions = {}): Promise<KeylessBundle> {
  const bytes = Buffer.from(payload)
  const signer = await certifiedSigner(authorities, options)
  const signature = signer.sign(preAuthEncoding(PAYLOAD_TYPE, bytes))
  const dsseEnvelope = envelopeOf(bytes, signature)
  return {...(await material(authorities, signer, dsseEntry(bytes, dsseEnvelope, signer), signature, options)), dsseEnvelope}
}

export async function keylessMessageBundle(authorities: Authorities, message: Uint8Array, options: KeylessOptions = {}): Promise<KeylessBundle> {
  const signer = await certifiedSigner(authorities, options)
  const signature = signer.sign(message)
  const messageDigest = {algorithm: 'SHA2_256', digest: createHash('sha256').update(message).digest('base64')}
  return {
    ...(await material(authorities, signer, hashedRekord(message, signature, signer), signature, options)),
    messageSignature: {messageDigest, signature: signature.toString('base64')},
  }
}

/** As `cosign sign` of Cosign 2 writes it. */
export async function keylessSimpleSigning(authorities: Authorities, payload: Uint8Array, options: KeylessOptions = {}): Promise<Legacy<'simple-signing'>> {
  const signer = await certifiedSigner(authorities, options)
  const signature = signer.sign(payload)
  const annotations = await legacyAnnotations(authorities, signer, hashedRekord(payload, signature, signer), signature, options)
  return {form: 'simple-signing', payload, annotations: {...annotations, 'dev.cosignproject.cosign/signature': signature.toString('base64')}}
}

/** As `cosign attest` of Cosign 2 writes it: the timestamp is about the whole envelope. */
export async function keylessEnvelope(authorities: Authorities, payload: Uint8Array = STATEMENT, options: KeylessOptions = {}): Promise<Legacy<'envelope'>> {
  const bytes = Buffer.from(payload)
  const signer = await certifiedSigner(authorities, options)
  const made = envelopeOf(bytes, signer.sign(preAuthEncoding(PAYLOAD_TYPE, bytes)))
  const envelope = Buffer.from(JSON.stringify({...made, signatures: made.signatures.map(({sig}) => ({keyid: '', sig}))}))
  return {
    form: 'envelope',
    envelope,
    annotations: {...(await legacyAnnotations(authorities, signer, dsseEntry(bytes, made, signer), envelope, options)), predicateType: 'any'},
  }
}

export type Legacy<Form extends FoundSignature['form']> = Extract<FoundSignature, {form: Form}>

interface CertifiedSigner {
  readonly certificate: Buffer
  /** Base64 of the PEM that the log records. */
  readonly recorded: string
  sign(bytes: Uint8Array): Buffer
}

async function certifiedSigner(authorities: Authorities, options: KeylessOptions): Promise<CertifiedSigner> {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const who = {identity: options.identity ?? IDENTITY, issuer: options.issuer ?? ISSUER}
  const certificate = await (options.certifiedBy ?? authorities).certify(publicKey.export({type: 'spki', format: 'der'}), who)
  return {
    certificate: options.brought ?? certificate,
    recorded: Buffer.from(pemOf(options.recorded ?? certificate)).toString('base64'),
    sign: (bytes) => sign('sha256', bytes, privateKey),
  }
}

type Envelope = NonNullable<KeylessBundle['dsseEnvelope']>

function envelopeOf(payload: Buffer, signature: Buffer): Envelope {
  return {payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{sig: signature.toString('base64')}]}
}

type LogBody = Parameters<Authorities['log']>[0]

function hashedRekord(bytes: Uint8Array, signature: Buffer, {recorded}: CertifiedSigner): LogBody {
  const spec = {data: {hash: hash(bytes)}, signature: {content: signature.toString('base64'), publicKey: {content: recorded}}}
  return {kind: 'hashedrekord', apiVersion: '0.0.1', spec}
}

/** Go reads no entry without the digest of the envelope. */
function dsseEntry(payload: Buffer, envelope: Envelope, {recorded}: CertifiedSigner): LogBody {
  const signatures = envelope.signatures.map(({sig}) => ({signature: sig, verifier: recorded}))
  return {kind: 'dsse', apiVersion: '0.0.1', spec: {envelopeHash: hash(Buffer.from(JSON.stringify(envelope))), payloadHash: hash(payload), signatures}}
}

async function material(authorities: Authorities, signer: CertifiedSigner, body: LogBody, stamped: Uint8Array, options: KeylessOptions) {
  const {loggedBy = authorities, stampedBy = authorities} = options
  const timestamps = stampedBy === false ? [] : [{signedTimestamp: (await stampedBy.stamp(stamped)).toString('base64')}]
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: {rawBytes: signer.certificate.toString('base64')},
      tlogEntries: loggedBy === false ? [] : [await loggedBy.log(body)],
      timestampVerificationData: {rfc3161Timestamps: timestamps},
    },
  }
}

async function legacyAnnotations(authorities: Authorities, signer: CertifiedSigner, body: LogBody, stamped: Uint8Array, options: KeylessOptions) {
  const {loggedBy = authorities, stampedBy = authorities} = options
  const annotations: Record<string, string> = {'dev.sigstore.cosign/certificate': pemOf(signer.certificate)}
  if (stampedBy !== false)
    annotations['dev.sigstore.cosign/rfc3161timestamp'] = JSON.stringify({SignedRFC3161Timestamp: (await stampedBy.stamp(stamped)).toString('base64')})
  if (loggedBy !== false) {
    const {inclusionPromise, canonicalizedBody, integratedTime, logIndex, logId} = await loggedBy.log(body)
    const logID = Buffer.from(logId.keyId, 'base64').toString('hex')
    annotations['dev.sigstore.cosign/bundle'] = JSON.stringify({
      SignedEntryTimestamp: inclusionPromise?.signedEntryTimestamp,
      Payload: {body: canonicalizedBody, integratedTime: Number(integratedTime), logIndex: Number(logIndex), logID},
    })
  }
  return annotations
}

function hash(bytes: Uint8Array): {algorithm: string; value: string} {
  return {algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex')}
}

function pemOf(der: Buffer): string {
  return new X509Certificate(der).toString()
}
