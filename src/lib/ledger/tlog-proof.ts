/**
 * Proofs as text (C2SP tlog-proof@v1): the leaf's index, its path, and the checkpoint that signs the root. Pure.
 *
 * Read strictly: what is not written exactly as `formatProof` writes it is no proof, so that no byte can be changed and
 * pass. Whether it proves anything is not looked at here.
 */
import {AppError} from '../errors.ts'

export interface TlogProof {
  /** Opaque, and not signed by anybody. */
  readonly extra?: Uint8Array
  /** From 0. */
  readonly index: number
  /** Hex, from the leaf's sibling up. */
  readonly path: readonly string[]
  /** The signed note, as the log wrote it. */
  readonly checkpoint: string
}

const HEADER = 'c2sp.org/tlog-proof@v1'
/** Characters: the largest record, twice in base64, and room. */
const MAX_PROOF = 1024 * 1024
/** A tree of 2^53 leaves is not higher. */
const MAX_PATH = 53
const HEAD = /^c2sp\.org\/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/]+={0,2})\n)?index (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)$/

export function formatProof({extra, index, path, checkpoint}: TlogProof): string {
  const head = [HEADER, ...(extra === undefined ? [] : [`extra ${Buffer.from(extra).toString('base64')}`]), `index ${index}`]
  return [...head, ...path.map((hash) => Buffer.from(hash, 'hex').toString('base64')), '', checkpoint].join('\n')
}

/** @throws AppError `proof.unreadable` */
export function parseProof(bytes: Uint8Array): TlogProof {
  const whole = utf8(bytes) ?? ''
  const end = whole.length > MAX_PROOF ? -1 : whole.indexOf('\n\n')
  const [, extra, index, lines] = HEAD.exec(whole.slice(0, end + 1)) ?? []
  if (whole.startsWith(`${HEADER}\r\n`))
    throw new AppError('proof.unreadable', 'its lines end as on Windows: something on its way changed every line', {
      fix: 'Send it as an attachment or in an archive, or: tr -d "\\r" < PROOF > PROOF.unix',
    })
  if (end === -1 || index === undefined || lines === undefined) throw new AppError('proof.unreadable', 'this is not a proof of the form c2sp.org/tlog-proof@v1')
  const path = lines.split('\n').slice(0, -1)
  const proof: TlogProof = {
    ...(extra !== undefined && {extra: Buffer.from(extra, 'base64')}),
    index: Number(index),
    path: path.map((hash) => Buffer.from(hash, 'base64').toString('hex')),
    checkpoint: whole.slice(end + 2),
  }
  if (path.length > MAX_PATH) throw new AppError('proof.unreadable', `the proof has ${path.length} hashes; no tree is higher than ${MAX_PATH}`)
  if (formatProof(proof) !== whole) throw new AppError('proof.unreadable', 'the proof is not written in the one way it can be')
  return proof
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    return undefined
  }
}
