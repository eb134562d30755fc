/** Probes and metrics over plain HTTP, for those who keep the server alive: nothing here judges, and nothing is asked for by a body. */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AdmissionHandlers} from '../ports/admission-server.ts'

interface Page {
  readonly status: number
  readonly text: string
  readonly type?: string
}

const METRICS = 'text/plain; version=0.0.4; charset=utf-8'

export function createObserveServer({unready, metrics, onFault}: Pick<AdmissionHandlers, 'unready' | 'metrics' | 'onFault'>): Server {
  const pages: ReadonlyMap<string, () => Page> = new Map([
    ['/healthz', () => ({status: 200, text: 'ok\n'})],
    [
      '/readyz',
      () => {
        const why = unready()
        return why === undefined ? {status: 200, text: 'ok\n'} : {status: 503, text: `${why}\n`}
      },
    ],
    ['/metrics', () => ({status: 200, text: metrics(), type: METRICS})],
  ])
  const listener = ({url, method}: IncomingMessage, response: ServerResponse) => {
    const {status, text, type = 'text/plain; charset=utf-8'} = pageOf(pages, url, method, onFault)
    response.writeHead(status, {'content-type': type, 'content-length': Buffer.byteLength(text), 'x-content-type-options': 'nosniff'})
    response.end(method === 'HEAD' ? undefined : text)
  }
  const server = createServer({maxHeaderSize: 8_192, headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 65_000}, listener)
  server.maxConnections = 64
  return server
}

function pageOf(pages: ReadonlyMap<string, () => Page>, url = '', method = '', onFault: AdmissionHandlers['onFault'] = () => undefined): Page {
  const page = pages.get(url.replace(/\?.*$/s, ''))
  if (page === undefined) return {status: 404, text: `only ${[...pages.keys()].join(', ')}\n`}
  if (method !== 'GET' && method !== 'HEAD') return {status: 405, text: 'only GET\n'}
  try {
    return page()
  } catch (error) {
    onFault(error)
    return {status: 503, text: 'this could not be told: see the log\n'}
  }
}
