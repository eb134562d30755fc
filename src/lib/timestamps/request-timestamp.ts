/** Asks an RFC 3161 authority over HTTP (3.4) for the time of a signature. Whatever is not a good answer attaches nothing. */
import {createHash, randomBytes} from 'node:crypto'
import {Readable} from 'node:stream'
import {AppError} from '../errors.ts'
import {timestampQuery} from './timestamp-query.ts'
import {replyFault} from './timestamp-reply.ts'

export interface TimestampSettings {
  /** Milliseconds, to the last byte. */
  readonly total: number
  /** Bytes of an answer. */
  readonly maxBytes: number
}

export const TIMESTAMP_DEFAULTS: TimestampSettings = {total: 30_000, maxBytes: 64 * 1024}

/**
 * @returns TimeStampResp, DER: granted, and about `signature`
 * @throws AppError `timestamp.unreachable`
 */
export async function requestTimestamp(url: string, signature: Uint8Array, {total, maxBytes}: TimestampSettings): Promise<Uint8Array> {
  const digest = createHash('sha256').update(signature).digest()
  const nonce = randomBytes(8)
  // A positive integer, with no byte to spare (DER).
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40
  const unreachable = (what: string, cause?: unknown) => new AppError('timestamp.unreachable', `${place(url)} gave no timestamp: ${what}`, {cause})
  let reply: Uint8Array
  try {
    reply = await ask(url, timestampQuery(digest, nonce), AbortSignal.timeout(total), maxBytes)
  } catch (error) {
    throw unreachable(error instanceof BadAnswer ? error.message : words(error), error)
  }
  const fault = replyFault(reply, digest, nonce)
  if (fault !== undefined) throw unreachable(fault)
  return reply
}

class BadAnswer extends Error {}

async function ask(url: string, query: Uint8Array, signal: AbortSignal, maxBytes: number): Promise<Uint8Array> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply'},
    body: Buffer.from(query),
    redirect: 'error',
    signal,
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new BadAnswer(`HTTP ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  const body: AsyncIterable<Uint8Array> = response.body ?? Readable.from([])
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new BadAnswer(`the answer has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Neither user and password nor a query are for anybody's log. */
function place(url: string): string {
  const {origin, pathname} = new URL(url)
  return `${origin}${pathname}`
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const {cause} = error
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'the connection failed'
}
