/**
 * Fulcio, its certificate log, Rekor and a timestamp authority, in process: what a keyless signature needs.
 *
 * Promise: a bundle that was certified, logged or stamped here verifies under `trustedRoot` as one of the public
 * instance does under its own. Keys are made anew for each start and are worth nothing; nothing is listened on.
 */
import {createHash, generateKeyPairSync, X509Certificate} from 'node:crypto'
import {initializeCA, initializeCTLog, initializeTLog, initializeTSA} from '@sigstore/mock'

export interface Authorities {
  /** A Sigstore trusted root, JSON. */
  readonly trustedRoot: TrustedRootJson
  /** Signing certificate, then root. */
  readonly timestampChain: string
  /** A certificate for `publicKey` (SubjectPublicKeyInfo, DER) that holds for ten minutes, DER. */
  certify(publicKey: Buffer, who: {identity: string; issuer: string}): Promise<Buffer>
  /** An RFC 3161 response about `bytes`, DER. */
  stamp(bytes: Uint8Array): Promise<Buffer>
  /** An entry of the log, as a bundle has it; `proof` also holds what Rekor 1 promises. */
  log(body: {readonly kind: string; readonly apiVersion: string; readonly spec: object}): Promise<LogEntry>
}

export interface TrustedRootJson {
  mediaType: string
  tlogs: object[]
  certificateAuthorities: object[]
  ctlogs: object[]
  timestampAuthorities: object[]
}

export interface LogEntry {
  logIndex: string
  logId: {keyId: string}
  kindVersion: {kind: string; version: string}
  integratedTime: string
  inclusionPromise?: {signedEntryTimestamp: string}
  inclusionProof: object
  canonicalizedBody: string
}

const REKOR = 'https://rekor.example.test'
const ALGORITHMS = {hashAlgorithm: 'SHA2_256'}
const START = {start: '2020-01-01T00:00:00.000Z'}

/**
 * @param clock of every authority, in whole seconds: fractions are written as DER has them, which the library does not
 *   always read. Their own certificates hold from now on, for a year.
 */
export async function startAuthorities(clock: Date = comingSecond()): Promise<Authorities> {
  const keyPair = () => generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const certificateLog = await initializeCTLog(keyPair(), clock)
  const authority = await initializeCA(keyPair(), certificateLog, clock)
  const log = await initializeTLog(REKOR, keyPair(), clock)
  const timestamps = await initializeTSA(keyPair(), clock)
  const chain = [bytesOf(timestamps.intCertificate), bytesOf(timestamps.rootCertificate)]
  return {
    trustedRoot: {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [trustedLog(REKOR, log.publicKey)],
      certificateAuthorities: [trustedChain([bytesOf(authority.rootCertificate)])],
      ctlogs: [trustedLog('https://ct.example.test', certificateLog.publicKey)],
      timestampAuthorities: [trustedChain(chain)],
    },
    timestampChain: chain.map((der) => new X509Certificate(der).toString()).join(''),
    async certify(publicKey, {identity, issuer}) {
      const extensions = [
        {oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true},
        {oid: '1.3.6.1.4.1.57264.1.8', value: issuer},
      ]
      return bytesOf(await authority.issueCertificate({publicKey: Buffer.from(publicKey), subjectAltName: identity, extensions}))
    },
    async stamp(bytes) {
      const request = {artifactHash: sha256(bytes), hashAlgorithmOID: '2.16.840.1.101.3.4.2.1', nonce: 1, policyOID: '1.3.6.1.4.1.57264.2'}
      return bytesOf(await timestamps.timestamp(request))
    },
    async log(body) {
      const [entry] = Object.values((await log.log(body)) as Record<string, RekorEntry>)
      if (entry === undefined) throw new Error('the log took no entry')
      return toBundleEntry(entry, body.kind, body.apiVersion)
    },
  }
}

/** Rekor's answer, as far as it is read here. */
interface RekorEntry {
  readonly body: string
  readonly integratedTime: number
  readonly logID: string
  readonly logIndex: number
  readonly verification: {
    readonly inclusionProof: {readonly logIndex: number; readonly treeSize: number; readonly rootHash: string; readonly checkpoint: string}
    readonly signedEntryTimestamp: string
  }
}

function toBundleEntry(entry: RekorEntry, kind: string, version: string): LogEntry {
  const {inclusionProof, signedEntryTimestamp} = entry.verification
  return {
    logIndex: String(entry.logIndex),
    logId: {keyId: Buffer.from(entry.logID, 'hex').toString('base64')},
    kindVersion: {kind, version},
    integratedTime: String(entry.integratedTime),
    inclusionPromise: {signedEntryTimestamp},
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      treeSize: String(inclusionProof.treeSize),
      rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
      hashes: [],
      checkpoint: {envelope: inclusionProof.checkpoint},
    },
    canonicalizedBody: entry.body,
  }
}

function trustedLog(baseUrl: string, publicKey: Buffer): object {
  return {
    baseUrl,
    ...ALGORITHMS,
    publicKey: {rawBytes: publicKey.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: START},
    logId: {keyId: sha256(publicKey).toString('base64')},
  }
}

function trustedChain(certificates: readonly Buffer[]): object {
  return {
    subject: {organization: 'Synthetic', commonName: 'synthetic authority'},
    uri: 'https://authority.example.test',
    certChain: {certificates: certificates.map((der) => ({rawBytes: der.toString('base64')}))},
    validFor: START,
  }
}

/** Not before any certificate that is made now. */
/** A whole second that is yet to come: an authority's own certificates hold from its start. Asked for in a hook, for a file is read long before it runs. */
export function comingSecond(): Date {
  return new Date((Math.ceil(Date.now() / 1000) + 1) * 1000)
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
