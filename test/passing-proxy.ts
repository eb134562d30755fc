/**
 * Stands in front of a registry and passes everything on, byte for byte, until a request comes that a test waits for.
 *
 * Promise: `once(when, strike)` calls `strike` when the first such request arrives, before anything of it has been passed on, and
 * the request goes no further: as if the line had been cut there. Nothing else is changed.
 */
import {createServer, request, type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface PassingProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  once(when: (method: string, path: string) => boolean, strike: () => void): void
  stop(): Promise<void>
}

export async function startPassingProxy(to: string): Promise<PassingProxy> {
  let waiting: {when: (method: string, path: string) => boolean; strike: () => void} | undefined
  const server = createServer((incoming, response) => {
    const {method = 'GET', url = '/'} = incoming
    if (waiting?.when(method, url) === true) {
      const {strike} = waiting
      waiting = undefined
      strike()
      incoming.socket.destroy()
      return
    }
    const [hostname, port] = to.split(':')
    const outgoing = request({hostname, port, method, path: url, headers: {...incoming.headers, host: incoming.headers.host}}, (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    // Whoever asked may be gone by now.
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    once: (when, strike) => void (waiting = {when, strike}),
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
