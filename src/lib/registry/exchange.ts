/**
 * One request over HTTP, and its answer as soon as the headers are there. No redirect is followed.
 *
 * `node:http` and not `fetch`: a verdict is some twenty small requests, and of these fetch takes more than twice the
 * time. The agents are those of the process: they know its proxy, and keep connections.
 */
import type {IncomingMessage} from 'node:http'
import process from 'node:process'
import {pipeline} from 'node:stream/promises'
import type {Watch} from './watch.ts'

export interface Exchange {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** @throws whatever the network, or the body, throws; what `watch` ended with, where it was that */
export async function exchange(url: URL, {method, headers, body}: Exchange, watch: Watch): Promise<IncomingMessage> {
  const {promise, resolve, reject} = Promise.withResolvers<IncomingMessage>()
  // Not imported: an import touches all that a module exports, and node:http exports fetch's WebSocket: 40 ms.
  const {request: begin} = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const request = begin(url, {method, headers})
  // What breaks after the headers came is told by the body.
  request.on('error', reject)
  request.once('response', (response) => {
    // Answered before all was sent: the rest is not wanted.
    response.once('close', () => void (request.writableFinished || request.destroy()))
    resolve(response)
  })
  watch.onEnd((reason) => void request.destroy(reason))
  if (body === undefined || body instanceof Uint8Array) request.end(body)
  // Its error is the request's, which is listened to.
  else pipeline(body, request).catch(() => undefined)
  return promise
}
