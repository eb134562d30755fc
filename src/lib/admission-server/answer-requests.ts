/**
 * One request to the admission server, from its headers to the last byte of its answer.
 *
 * Who may not ask learns that and nothing else. Every answer is a ProviderResponse; whatever is not the handler's own answer
 * is a system error in it, which nobody takes for a verdict. Each request is told of once, when its answer is out or cannot be.
 */
import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {providerResponse} from '../admission/provider-protocol.ts'
import type {AdmissionHandlers, AdmissionRequest} from '../ports/admission-server.ts'
import {guarded} from './guarded.ts'
import {refusalAt, type JudgedPeer} from './judge-peer.ts'
import {createBodyReader, type ReadBody} from './read-body.ts'
import type {ServerLimits} from './server-limits.ts'

export interface RequestSurroundings {
  readonly handlers: Pick<AdmissionHandlers, 'answer' | 'onRequest' | 'onFault'>
  readonly limits: Pick<ServerLimits, 'bodyBytes' | 'heldBytes'>
  /** Milliseconds. */
  readonly deadline: number
  readonly peerOf: (socket: Socket) => JudgedPeer
  /** Whether the connection should end with this answer. */
  readonly isLast: (socket: Socket) => boolean
  readonly begin: (socket: Socket) => () => void
}

/** Without a body: it is what `why` says. */
interface Reply {
  readonly outcome: AdmissionRequest['outcome']
  readonly status: number
  readonly body?: Uint8Array
  readonly why?: string
  readonly close?: boolean
  readonly allow?: string
}

const PATH = '/validate'
const LATE = Symbol('late')

export function createRequestListener(surroundings: RequestSurroundings): (request: IncomingMessage, response: ServerResponse) => void {
  const {handlers, peerOf, isLast, begin} = surroundings
  const readBody = createBodyReader(surroundings.limits)
  return (request, response) => {
    const started = performance.now()
    const {socket} = request
    const peer = peerOf(socket)
    const ended = begin(socket)
    let sent: Reply | undefined
    response.once('close', () => {
      ended()
      const {outcome, status, why}: Pick<Reply, 'outcome' | 'status' | 'why'> =
        sent !== undefined && response.writableFinished ? sent : {outcome: 'aborted', status: 0}
      const told = {outcome, status, milliseconds: performance.now() - started, ...(peer.name === '' ? {} : {peer: peer.name})}
      guarded(() => handlers.onRequest(why === undefined ? told : {...told, why}), handlers.onFault)
    })
    const answer = async () => {
      const reply = await replyTo(request, peer, readBody, surroundings)
      if (response.destroyed) return
      sent = reply
      send(response, reply, isLast(socket))
    }
    void answer()
  }
}

function send(response: ServerResponse, {status, body, why = '', close = false, allow}: Reply, isLast: boolean): void {
  const bytes = body ?? providerResponse({systemError: why})
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.byteLength,
    ...(allow === undefined ? {} : {allow}),
    ...(close || isLast ? {connection: 'close'} : {}),
  })
  response.end(bytes)
}

/** Never fails. */
async function replyTo(
  request: IncomingMessage,
  peer: JudgedPeer,
  readBody: (request: IncomingMessage) => Promise<ReadBody>,
  {handlers, limits, deadline}: RequestSurroundings,
): Promise<Reply> {
  const refused = refusalOf(request, peer, limits.bodyBytes)
  if (refused !== undefined) return refused
  const timer = timerOf(deadline)
  try {
    const reading = readBody(request)
    const body = await Promise.race([reading, timer.late])
    if (body === LATE) {
      void reading.then((late) => typeof late === 'object' && late.release())
      return {outcome: 'deadline', status: 408, why: `the request did not come whole within ${deadline} ms`, close: true}
    }
    if (body === 'gone') return {outcome: 'aborted', status: 400, why: 'the request broke off', close: true}
    if (body === 'too-large') return tooLarge(limits.bodyBytes)
    if (body === 'busy') return {outcome: 'failed', status: 503, why: 'too much is asked at the same time', close: true}
    const answer = await Promise.race([answerOf(body, handlers), timer.late])
    if (answer === LATE) return {outcome: 'deadline', status: 503, why: `there is no verdict after ${deadline} ms; it goes on being made`}
    return answer
  } finally {
    timer.stop()
  }
}

/** Of what need not be read. */
function refusalOf({url, method, headers}: IncomingMessage, peer: JudgedPeer, bodyBytes: number): Reply | undefined {
  const why = refusalAt(peer, Date.now())
  if (why !== undefined) return {outcome: 'not-a-client', status: 403, why, close: true}
  if (url !== PATH) return {outcome: 'not-found', status: 404, why: `only ${PATH} is answered`, close: true}
  if (method !== 'POST') return {outcome: 'not-found', status: 405, why: 'only POST is answered', allow: 'POST', close: true}
  if (!/^application\/json(?:\s*;|$)/i.test(headers['content-type'] ?? ''))
    return {outcome: 'not-found', status: 415, why: 'only application/json is answered', close: true}
  if (Number(headers['content-length'] ?? 0) > bodyBytes) return tooLarge(bodyBytes)
  return undefined
}

function tooLarge(bodyBytes: number): Reply {
  return {outcome: 'too-large', status: 413, why: `the request has more than ${bodyBytes} bytes`, close: true}
}

/** What is asked counts as held until its answer is there, also where nobody waits for it any more. */
async function answerOf({bytes, release}: Exclude<ReadBody, string>, handlers: RequestSurroundings['handlers']): Promise<Reply> {
  try {
    return {outcome: 'answered', status: 200, body: await handlers.answer(bytes)}
  } catch (error) {
    guarded(() => handlers.onFault?.(error), undefined)
    return {outcome: 'failed', status: 500, why: 'the verdict could not be made: this is a fault of the admission server, see its log'}
  } finally {
    release()
  }
}

function timerOf(milliseconds: number): {readonly late: Promise<typeof LATE>; readonly stop: () => void} {
  const {promise, resolve} = Promise.withResolvers<typeof LATE>()
  const timer = setTimeout(() => resolve(LATE), milliseconds)
  return {late: promise, stop: () => clearTimeout(timer)}
}
