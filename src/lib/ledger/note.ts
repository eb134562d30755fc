/**
 * Signed notes and verifier keys (C2SP signed-note v1.0.0): a text, and lines that say who signed it. Pure.
 *
 * Ed25519 (type 0x01), and ECDSA P-256 over SHA-256 (type 0x02) where Ed25519 is barred. A signature by somebody
 * unknown is ignored; one by a known key that does not verify makes the whole note void.
 */
import {createHash, createPublicKey, verify, type KeyObject} from 'node:crypto'
import {AppError} from '../errors.ts'

export const NOTE_ALGORITHMS = ['ed25519', 'ecdsa-p256'] as const
export type NoteAlgorithm = (typeof NOTE_ALGORITHMS)[number]

export interface VerifierKey {
  readonly name: string
  /** 8 hex characters. */
  readonly id: string
  readonly algorithm: NoteAlgorithm
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** As it is written: `<name>+<id>+<base64 of type and key>`. */
  readonly text: string
}

export interface Note {
  /** With its final newline: what is signed. */
  readonly text: string
  readonly signatures: readonly {readonly name: string; readonly id: string; readonly signature: Uint8Array}[]
}

const TYPES: Readonly<Record<NoteAlgorithm, number>> = {ed25519: 1, 'ecdsa-p256': 2}
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const NAME = /^[^\s+\p{Z}]+$/u
const SIGNATURE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/
const MAX_NOTE = 256 * 1024

/** @param spki SubjectPublicKeyInfo, DER. @throws AppError `key.unsupported` */
export function verifierKey(name: string, spki: Uint8Array): VerifierKey {
  const algorithm = noteAlgorithm(spki)
  const type = TYPES[algorithm]
  const material = algorithm === 'ed25519' ? spki.subarray(ED25519_SPKI.length) : spki
  const hashed = algorithm === 'ed25519' ? Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), material]) : spki
  const id = createHash('sha256').update(hashed).digest('hex').slice(0, 8)
  return {name, id, algorithm, spki, text: `${name}+${id}+${Buffer.concat([Uint8Array.of(type), material]).toString('base64')}`}
}

/** @throws AppError `checkpoint.unreadable-key` */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  const spki = bytes[0] === TYPES.ed25519 && bytes.length === 33 ? Buffer.concat([ED25519_SPKI, bytes.subarray(1)]) : bytes.subarray(1)
  const key = NAME.test(name) && bytes.length > 1 ? verifierKeyOrNot(name, spki) : undefined
  if (key === undefined || key.id !== id || key.text !== text.trim())
    throw new AppError('checkpoint.unreadable-key', `${JSON.stringify(text.trim().slice(0, 200))} is not a verifier key`, {
      fix: 'Write <origin>+<8 hex>+<base64>, as `hipaa-ci evidence checkpoint --show-key` prints it.',
    })
  return key
}

/** The id that stands before a signature. */
export function formatSignature({name, id}: VerifierKey, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`
}

/** @throws AppError `checkpoint.unreadable` */
export function parseNote(bytes: Uint8Array | string): Note {
  const whole = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')
  const end = whole.lastIndexOf('\n\n')
  const lines = whole.slice(end + 2).split('\n')
  // oxlint-disable-next-line no-control-regex -- the specification forbids them
  const isText = whole.length <= MAX_NOTE && end > 0 && !/[\u0000-\u0009\u000B-\u001F\uFFFD]/.test(whole) && lines.pop() === '' && lines.length > 0
  const signatures = isText ? lines.map(readSignature) : [undefined]
  if (signatures.includes(undefined)) throw new AppError('checkpoint.unreadable', 'this is not a signed note')
  return {text: whole.slice(0, end + 1), signatures: signatures.filter((one) => one !== undefined)}
}

/** Which of `keys` have signed it; `invalid` where a line by one of them does not verify. */
export function noteSigners({text, signatures}: Note, keys: readonly VerifierKey[]): readonly VerifierKey[] | 'invalid' {
  const known = signatures.flatMap(({name, id, signature}) => {
    const key = keys.find((one) => one.name === name && one.id === id)
    return key === undefined ? [] : [{key, holds: isSignedBy(key, Buffer.from(text), signature)}]
  })
  return known.some(({holds}) => !holds) ? 'invalid' : known.map(({key}) => key)
}

/** @param text of a note, with its final newline */
export function isSignedBy({algorithm, spki}: Pick<VerifierKey, 'algorithm' | 'spki'>, text: Uint8Array, signature: Uint8Array): boolean {
  return verify(algorithm === 'ed25519' ? null : 'sha256', text, publicKey(spki), signature)
}

function readSignature(line: string): Note['signatures'][number] | undefined {
  const [, name, encoded] = SIGNATURE.exec(line) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  // Base64 that decodes alike and is written otherwise would be a change that nobody notices.
  if (name === undefined || bytes.length <= 4 || bytes.toString('base64') !== encoded) return undefined
  return {name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4)}
}

function verifierKeyOrNot(name: string, spki: Uint8Array): VerifierKey | undefined {
  try {
    return verifierKey(name, spki)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** @param spki SubjectPublicKeyInfo, DER. @throws AppError `key.unsupported` */
export function noteAlgorithm(spki: Uint8Array): NoteAlgorithm {
  try {
    const {asymmetricKeyType: type, asymmetricKeyDetails: details} = publicKey(spki)
    if (type === 'ed25519') return 'ed25519'
    if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ecdsa-p256'
  } catch {
    // Not a key at all: the sentence below fits.
  }
  throw new AppError('key.unsupported', 'a checkpoint is signed by an Ed25519 key, or by an ECDSA P-256 key', {
    fix: 'In AWS KMS make a key of the spec ECC_NIST_EDWARDS25519; on a workstation: hipaa-ci keys generate checkpoint --for sealing',
  })
}

function publicKey(spki: Uint8Array): KeyObject {
  return createPublicKey({key: Buffer.from(spki), format: 'der', type: 'spki'})
}
