/**
 * What Cosign 2 says about a signature in the annotations of its layer (cosign, specs/SIGNATURE_SPEC.md): certificate,
 * entry of the log, timestamp. Read into the shape of a bundle's; what cannot be read is as if it were not there,
 * except for the certificate, without which a signature would be somebody else's.
 */
import {X509Certificate} from 'node:crypto'
import type {TransparencyLogEntry} from '@sigstore/bundle'
import {member, readBoundedJson} from './bounded-json.ts'
import type {Claim} from './claim.ts'
import {refusal, type Refusal} from './refusal.ts'

const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const LOG_ENTRY = 'dev.sigstore.cosign/bundle'
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp'
const PEM = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/

export type Annotations = Readonly<Record<string, string>>

/** Certificates of authorities (`…/chain`) are not looked at: those of the trusted root count. */
export function annotatedMaterial(annotations: Annotations): Pick<Claim, 'signer' | 'timestamps' | 'entries'> | Refusal {
  const pem = annotations[CERTIFICATE] ?? ''
  const der = pem === '' ? undefined : certificateOf(pem)
  if (pem !== '' && der === undefined) return refusal('attestation.unreadable', `the certificate in the annotation ${CERTIFICATE} cannot be read`)
  const timestamp = timestampOf(annotations[TIMESTAMP])
  const entry = entryOf(annotations[LOG_ENTRY])
  return {
    signer: der === undefined ? {kind: 'key', hint: ''} : {kind: 'certificate', der},
    timestamps: timestamp === undefined ? [] : [timestamp],
    entries: entry === undefined ? [] : [entry],
  }
}

function certificateOf(pem: string): Buffer | undefined {
  if (!PEM.test(pem)) return undefined
  try {
    return new X509Certificate(pem).raw
  } catch {
    return undefined
  }
}

function timestampOf(text = ''): Buffer | undefined {
  const read = readBoundedJson(Buffer.from(text))
  const response = member(read?.json, 'SignedRFC3161Timestamp')
  return typeof response === 'string' ? read?.decode(response) : undefined
}

/** With a promise and no proof, as bundles of v0.1 have it. */
function entryOf(text = ''): TransparencyLogEntry | undefined {
  const read = readBoundedJson(Buffer.from(text))
  const payload = member(read?.json, 'Payload')
  const [promise, body, logId] = [member(read?.json, 'SignedEntryTimestamp'), member(payload, 'body'), member(payload, 'logID')]
  const [integratedTime, logIndex] = [member(payload, 'integratedTime'), member(payload, 'logIndex')]
  if (typeof promise !== 'string' || typeof body !== 'string' || typeof logId !== 'string') return undefined
  if (!Number.isSafeInteger(integratedTime) || !Number.isSafeInteger(logIndex)) return undefined
  const [signedEntryTimestamp, canonicalizedBody] = [read?.decode(promise), read?.decode(body)]
  if (signedEntryTimestamp === undefined || canonicalizedBody === undefined) return undefined
  const said = readBoundedJson(canonicalizedBody)?.json
  return {
    logIndex: String(logIndex),
    logId: {keyId: Buffer.from(logId, 'hex')},
    kindVersion: {kind: String(member(said, 'kind')), version: String(member(said, 'apiVersion'))},
    integratedTime: String(integratedTime),
    inclusionPromise: {signedEntryTimestamp},
    inclusionProof: undefined,
    canonicalizedBody,
  }
}
