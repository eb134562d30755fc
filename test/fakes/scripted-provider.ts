/**
 * An external-data provider that says what it is told to say, over TLS 1.3, to a client whose certificate is of the given
 * authority, on a free loopback port.
 *
 * Its promise: every request is kept as it came (its keys, in order, also where the answer is a bad one). A script gives the
 * reply for the keys of one request: JSON of any shape with a status, text as it stands, nothing at all (`hangs`), or a
 * connection that breaks off (`breaks`). `judged` answers as the protocol wants, and only keys that `parseRequestKey`
 * takes: of another, it says that it could not judge. It judges nothing, and records nothing.
 */
import {once} from 'node:events'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {createServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {setTimeout as wait} from 'node:timers/promises'
import {parseProviderRequest, providerResponse, type ProviderVerdict} from '../../src/lib/admission/provider-protocol.ts'
import {parseRequestKey, type KeyedAsk} from '../../src/lib/admission/request-key.ts'
import type {IssuedCertificate} from '../certificates.ts'

interface Said {
  readonly status?: number
  readonly text: string
  /** Milliseconds. */
  readonly after?: number
}
export type Reply = Said | 'hangs' | 'breaks'
export type Script = (keys: readonly string[]) => Reply

export interface ScriptedProvider {
  /** `https://127.0.0.1:PORT/validate` */
  readonly url: string
  /** Keys of every request so far. */
  readonly asked: string[]
  /** From now on. */
  play(script: Script): void
  /** The port stays its own: after it, nobody answers there. */
  stop(): Promise<void>
}

export interface ProviderTrust {
  readonly server: IssuedCertificate
  /** PEM of the authority of clients. */
  readonly clients: string
}

export async function startProvider({server: {cert, key}, clients}: ProviderTrust, first: Script): Promise<ScriptedProvider> {
  const asked: string[] = []
  let script = first
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const keys = parseProviderRequest(Buffer.from(await text(request)))
    asked.push(...keys)
    const reply = script(keys)
    if (reply === 'hangs') return
    if (reply === 'breaks') return void response.socket?.destroy()
    if (reply.after !== undefined) await wait(reply.after)
    response.writeHead(reply.status ?? 200, {'content-type': 'application/json'})
    response.end(reply.text)
  }
  const server = createServer({cert, key, ca: clients, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3'}, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate`,
    asked,
    play(next) {
      script = next
    },
    async stop() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A verdict for each key that can be judged, as `serve` answers. */
export function judged(judge: (asked: KeyedAsk) => ProviderVerdict): Script {
  return (keys) => {
    try {
      return said(providerResponse({items: keys.map((key) => ({key, value: judge(parseRequestKey(key))}))}))
    } catch (error) {
      return said(providerResponse({systemError: error instanceof Error ? error.message : String(error)}))
    }
  }
}

/** Items of any shape in an answer that is one. */
export function items(...list: readonly unknown[]): Said {
  return answering({idempotent: true, items: list})
}

export function answering(content: unknown): Said {
  return {text: JSON.stringify({apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderResponse', response: content})}
}

function said(bytes: Uint8Array): Said {
  return {text: new TextDecoder().decode(bytes)}
}
