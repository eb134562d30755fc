/**
 * Fetches one small document. Everything a server may do is bounded: time,
 * bytes, redirects, and where they may lead. No credentials are sent.
 */
import {addressFault} from '../evidence/web-address.ts'
import type {FetchedDocument} from '../ports/documents.ts'

export interface DocumentLimits {
  /** Bytes of the document, after any content coding. */
  readonly maxBytes: number
  /** Milliseconds for all of it, redirects included. */
  readonly timeout: number
}

const LIMITS: DocumentLimits = {maxBytes: 16 * 1024 * 1024, timeout: 10_000}
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const REDIRECTS_MAX = 3

export async function fetchDocument(address: string, {maxBytes, timeout}: DocumentLimits = LIMITS): Promise<FetchedDocument> {
  const fault = addressFault(address)
  if (fault !== undefined) return unreachable(fault)
  const signal = AbortSignal.timeout(timeout)
  try {
    const response = await follow(new URL(address), signal)
    if (typeof response === 'string') return unreachable(response)
    if (response.status !== 200) {
      await response.body?.cancel()
      return unreachable(`answered ${response.status}`)
    }
    return await readBody(response, maxBytes)
  } catch (error) {
    return unreachable(signal.aborted ? `did not answer within ${timeout / 1_000} s` : `did not answer (${codeOf(error)})`)
  }
}

/** @returns the answer, or why there is none */
async function follow(first: URL, signal: AbortSignal): Promise<Response | string> {
  let url = first
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each redirect says where the next one is
    const response = await fetch(url, {redirect: 'manual', credentials: 'omit', headers: {'user-agent': 'hipaa-ci', 'accept-encoding': 'identity'}, signal})
    if (!REDIRECTS.has(response.status)) return response
    // oxlint-disable-next-line no-await-in-loop -- the connection is free before the next one
    await response.body?.cancel()
    const next = URL.parse(response.headers.get('location') ?? '', url.href)
    if (next === null) return 'redirects to nowhere'
    const fault = next.protocol === url.protocol ? addressFault(next.href) : `would go on with ${next.protocol}//`
    if (fault !== undefined) return `redirects to an address that ${fault}`
    url = next
  }
  return `redirects more than ${REDIRECTS_MAX} times`
}

async function readBody({body}: Response, maxBytes: number): Promise<FetchedDocument> {
  if (body === null) return {kind: 'read', bytes: new Uint8Array()}
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body as ReadableStream<Uint8Array>) {
    length += part.byteLength
    // Leaving the loop cancels the stream, and with it the connection.
    if (length > maxBytes) return unreachable(`sends more than ${maxBytes / 1024 / 1024} MiB`)
    parts.push(part)
  }
  return {kind: 'read', bytes: Buffer.concat(parts)}
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
  return String(cause)
}

function unreachable(why: string): FetchedDocument {
  return {kind: 'unreachable', why}
}
