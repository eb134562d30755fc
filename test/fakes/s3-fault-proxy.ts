/**
 * A bucket that fails on demand: a proxy in front of a real S3 server (`test/s3.ts`), on a free loopback port.
 *
 * Its promise: a request that meets no fault reaches the server as it was sent, byte for byte and with the Host it was
 * signed for, and its answer comes back the same way. The one thing left out is `Expect`, which is never signed: the
 * proxy asks for the body itself. An error is answered as S3 does: the status, `<Code>` in XML, nothing after HEAD.
 * Faults are met in their order, the first that fits counts; each is used `times` times, without `times` for ever.
 * Chance comes from a seed: the same requests meet the same faults. Every request is noted when it is answered or lost.
 */
import {once} from 'node:events'
import {createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {seededChance} from '../seeded-chance.ts'
import {s3Operation, type S3Operation} from './s3-operation.ts'

export type S3Fault = {
  readonly operation?: S3Operation
  /** Of the path as it was sent. */
  readonly path?: RegExp
  /** Only this one of the requests that fit, from 1. */
  readonly nth?: number
  /** 0 to 1, of those that fit. */
  readonly chance?: number
  /** Default for ever. */
  readonly times?: number
} & (
  | {readonly kind: 'error'; readonly code: keyof typeof ERRORS; readonly headers?: Readonly<Record<string, string>>}
  /** Never an answer; the server is not asked. */
  | {readonly kind: 'hang'}
  /** The connection is cut; the server is not asked. */
  | {readonly kind: 'cut'}
  /** The server does what it is asked, and the connection is cut instead of its answer. */
  | {readonly kind: 'lost-reply'}
  /** Half of the answer's body, then the connection is cut. */
  | {readonly kind: 'broken-answer'}
)

const ERRORS = {
  SlowDown: 503,
  InternalError: 500,
  ConditionalRequestConflict: 409,
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  RequestTimeTooSkewed: 403,
  ExpiredToken: 400,
  PreconditionFailed: 412,
  PermanentRedirect: 301,
  InvalidRequest: 400,
  NotImplemented: 501,
} as const

export interface S3Call {
  readonly operation: S3Operation
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers']
  /** What it met. */
  readonly fault?: S3Fault['kind'] | 'refused'
  /** What was answered, by the server or instead of it. */
  readonly status?: number
}

export interface FaultyS3 {
  readonly endpoint: string
  /** The same place, by way of this proxy. */
  through(address: string): string
  readonly calls: readonly S3Call[]
  stop(): Promise<void>
}

export interface FaultyS3Options {
  /** May be added to while it runs. */
  readonly faults?: readonly S3Fault[]
  /** A role that may do nothing else: everything else is AccessDenied. It brings no lock, no tag, no copy and no ACL with it. */
  readonly only?: readonly S3Operation[]
  /** Default 1. */
  readonly seed?: number
}

/** @param backend endpoint of the real server */
export async function startFaultyS3(backend: string, {faults = [], only, seed = 1}: FaultyS3Options = {}): Promise<FaultyS3> {
  const calls: S3Call[] = []
  const meet = faultFinder(faults, seededChance(seed))
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bytesOf(request)
      const {method = '', url = '', headers} = request
      const operation = s3Operation(method, url, headers)
      const call = {operation, method, path: url, headers}
      if (only !== undefined && !only.includes(operation)) return calls.push({...call, fault: 'refused', status: refuse(response, 'AccessDenied')})
      const fault = meet(operation, url)
      const met = fault === undefined ? {} : {fault: fault.kind}
      if (fault?.kind === 'error') return calls.push({...call, ...met, status: refuse(response, fault.code, fault.headers)})
      if (fault?.kind === 'cut') response.destroy()
      if (fault?.kind === 'cut' || fault?.kind === 'hang') return calls.push({...call, ...met})
      const answer = await forward(backend, request, body)
      calls.push({...call, ...met, status: answer.status})
      if (fault?.kind === 'lost-reply') return response.destroy()
      response.writeHead(answer.status, answer.headers)
      if (fault?.kind !== 'broken-answer') return response.end(answer.body)
      return response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy())
    })().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    through: (address) => address.replace(backend, endpoint),
    calls,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Where nobody listens: the port was free a moment ago, and is closed again. */
export async function closedS3(): Promise<string> {
  const server = await startFaultyS3('')
  await server.stop()
  return server.endpoint
}

function faultFinder(faults: readonly S3Fault[], chance: () => number): (operation: S3Operation, path: string) => S3Fault | undefined {
  const seen = new Map<S3Fault, {fitting: number; used: number}>()
  return (operation, path) =>
    faults.find((fault) => {
      if ((fault.operation ?? operation) !== operation || fault.path?.test(path) === false) return false
      const count = seen.get(fault) ?? {fitting: 0, used: 0}
      seen.set(fault, count)
      count.fitting += 1
      const isMet =
        count.used < (fault.times ?? Infinity) && (fault.nth ?? count.fitting) === count.fitting && (fault.chance === undefined || chance() < fault.chance)
      if (isMet) count.used += 1
      return isMet
    })
}

function refuse(response: ServerResponse, code: keyof typeof ERRORS, headers: Readonly<Record<string, string>> = {}): number {
  const status = ERRORS[code]
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>synthetic</Message><RequestId>synthetic</RequestId></Error>`
  response.writeHead(status, {'content-type': 'application/xml', ...headers}).end(body)
  return status
}

interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

async function forward(backend: string, {method, url, headers}: IncomingMessage, body: Buffer): Promise<Answer> {
  const {expect: _, ...sent} = headers
  // As one piece with its length, so that a server which refuses early has read all of it.
  const request = httpRequest(backend, {method, path: url, headers: {...sent, connection: 'close'}, agent: false})
  request.end(body)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const {connection: __, ...given} = answer.headers
  return {status: answer.statusCode ?? 0, headers: given, body: await bytesOf(answer)}
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
