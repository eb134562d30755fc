/**
 * A server on loopback that answers as a test wrote it: for what no honest
 * registry does. What is not scripted is answered 500, so that a forgotten line
 * is not taken for "not there". Every request is kept.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'

export type Script = (request: IncomingMessage, response: ServerResponse, count: number) => void

export interface Seen {
  readonly line: string
  readonly authorization: string | undefined
  readonly range: string | undefined
}

export interface ScriptedServer {
  readonly host: string
  /** `GET /v2/app/manifests/latest` -> what to do; the count starts with 1 for each line. */
  on(line: string, script: Script): void
  readonly seen: readonly Seen[]
}

/** To be called inside `describe`: a fresh script for each test, one server for all. */
export function scriptedServer(): ScriptedServer {
  const scripts = new Map<string, Script>()
  const counts = new Map<string, number>()
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    const count = (counts.get(line) ?? 0) + 1
    counts.set(line, count)
    seen.push({line, authorization: request.headers.authorization, range: request.headers.range})
    const script = scripts.get(line)
    if (script === undefined) answer(500)(request, response, count)
    else script(request, response, count)
  })
  const scripted = {host: '', on: (line: string, script: Script) => void scripts.set(line, script), seen}

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    scripted.host = `127.0.0.1:${address.port}`
  })
  afterEach(() => {
    scripts.clear()
    counts.clear()
    seen.length = 0
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return scripted
}

/** One whole answer. */
export function answer(status: number, body: string | Uint8Array = '', headers: Readonly<Record<string, string>> = {}): Script {
  return (request, response) => {
    request.resume()
    response.writeHead(status, headers).end(body)
  }
}
