/** Reads a DSSE envelope (dsse, envelope.md) over an in-toto payload; of any other payload, and of more than one signature, nothing is read. */
import {createHash} from 'node:crypto'
import {PAYLOAD_TYPE} from '../evidence/statement.ts'
import {member, type BoundedJson} from './bounded-json.ts'
import type {Claim, ClaimedContent} from './claim.ts'
import {refusal, type Refusal} from './refusal.ts'
import {withHint} from './signed-content.ts'
import type {SignedBytes} from './signed-bytes.ts'

const UNREADABLE = refusal('attestation.unreadable', 'not a DSSE envelope')

/** @param json the envelope, read together with `decode` */
export function readEnvelope(json: unknown, decode: BoundedJson['decode']): Pick<Claim, 'signature' | 'signed' | 'logged' | 'content'> | Refusal {
  const signatures = member(json, 'signatures')
  if (!Array.isArray(signatures)) return UNREADABLE
  if (signatures.length !== 1) return refusal('signature.invalid', `${signatures.length} signatures in one envelope`)
  const [text, sig, payloadType] = [member(json, 'payload'), member(signatures[0], 'sig'), member(json, 'payloadType') ?? '']
  if (typeof text !== 'string' || typeof sig !== 'string' || typeof payloadType !== 'string') return UNREADABLE
  const [payload, signature] = [decode(text), decode(sig)]
  if (payload === undefined || payload.byteLength === 0 || signature === undefined || signature.byteLength === 0) return UNREADABLE

  const content: ClaimedContent = {kind: 'statement', payload}
  if (payloadType !== PAYLOAD_TYPE) return withHint(refusal('signature.invalid', `payload type is ${JSON.stringify(payloadType.slice(0, 100))}`), content)
  return {signature, signed: preAuthEncoding(payload), logged: () => createHash('sha256').update(payload).digest(), content}
}

/** DSSE v1, protocol.md: what is signed, in two parts, so that nobody copies a large payload. */
function preAuthEncoding(payload: Buffer): SignedBytes {
  return {parts: [Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.byteLength} `), payload]}
}
