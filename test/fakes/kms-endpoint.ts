/**
 * A key service that fails on demand: a proxy in front of a real one (`test/local-kms.ts`), on a free loopback port.
 *
 * Its promise: a call that meets no fault is answered by the service behind it, byte for byte. A call that meets an
 * exception gets HTTP 400, content type application/x-amz-json-1.1, and a body with `__type` and a message, as AWS KMS
 * answers. Faults are met in their order; each is used `times` times, without `times` for ever. Every call is noted.
 */
import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {kmsEnvironment} from '../local-kms.ts'

export type KmsOperation = 'DescribeKey' | 'GetPublicKey' | 'Sign'

export type KmsFault = {
  /** Default every operation. */
  readonly operation?: KmsOperation
  /** Default for ever. */
  readonly times?: number
} & (
  | {readonly kind: 'exception'; readonly name: KmsException}
  /** Another status and body, for what is no answer of a key service at all. */
  | {readonly kind: 'answer'; readonly status: number; readonly body: string}
  /** Never an answer. */
  | {readonly kind: 'hang'}
  /** The connection is cut without an answer. */
  | {readonly kind: 'cut'}
)

/** What each exception says; the field is called `Message` for AccessDeniedException, as AWS does. */
const EXCEPTIONS = {
  AccessDeniedException: {
    Message: 'User: arn:aws:sts::111122223333:assumed-role/build/synthetic is not authorized to perform this operation because no policy allows it',
  },
  DisabledException: {message: 'arn:aws:kms:us-east-1:111122223333:key/synthetic is disabled.'},
  KMSInvalidStateException: {message: 'arn:aws:kms:us-east-1:111122223333:key/synthetic is pending deletion.'},
  NotFoundException: {message: 'Alias arn:aws:kms:us-east-1:111122223333:alias/synthetic is not found.'},
  ThrottlingException: {message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.'},
} as const
export type KmsException = keyof typeof EXCEPTIONS

export interface KmsCall {
  readonly operation: string
  /** As it was asked for: an alias, an id, an ARN. */
  readonly keyId: string
  /** Of the fault that the call met. */
  readonly fault?: KmsFault['kind']
}

export interface FaultyKms {
  readonly endpoint: string
  readonly env: Readonly<Record<string, string>>
  /** Every call so far, in order of arrival. */
  readonly calls: readonly KmsCall[]
  stop(): Promise<void>
}

/** @param backend endpoint of the real service */
export async function startFaultyKms(backend: string, faults: readonly KmsFault[] = []): Promise<FaultyKms> {
  const left = faults.map((fault) => ({fault, times: fault.times ?? Infinity}))
  const calls: KmsCall[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bytesOf(request)
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
      const met = left.find(({fault, times}) => times > 0 && (fault.operation ?? operation) === operation)
      if (met !== undefined) met.times -= 1
      const {KeyId = ''} = JSON.parse(body.toString()) as {KeyId?: string}
      calls.push({operation, keyId: KeyId, ...(met !== undefined && {fault: met.fault.kind})})
      if (met === undefined) await pass(backend, request, body, response)
      else fail(met.fault, response)
    })().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    env: kmsEnvironment(endpoint),
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
export async function closedEndpoint(): Promise<string> {
  const server = await startFaultyKms('')
  await server.stop()
  return server.endpoint
}

function fail(fault: KmsFault, response: ServerResponse): void {
  if (fault.kind === 'cut') response.destroy()
  else if (fault.kind === 'answer') response.writeHead(fault.status, {'content-type': 'application/x-amz-json-1.1'}).end(fault.body)
  else if (fault.kind === 'exception')
    response.writeHead(400, {'content-type': 'application/x-amz-json-1.1'}).end(JSON.stringify({__type: fault.name, ...EXCEPTIONS[fault.name]}))
}

async function pass(backend: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const answer = await fetch(backend, {
    method: 'POST',
    headers: {'content-type': String(request.headers['content-type']), 'x-amz-target': String(request.headers['x-amz-target'])},
    body: new Uint8Array(body),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  response.writeHead(answer.status, {'content-type': answer.headers.get('content-type') ?? ''}).end(bytes)
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
