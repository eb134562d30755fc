/**
 * A registry that is far away, as a program of its own (`fork`): forwards to the one at `argv[2]` (`HOST:PORT`), and waits
 * before each request for as long as it was last told to.
 *
 * Messages in: `{delay}` in milliseconds, answered by `{port}`; `'spans'`, answered by the requests since the last one that
 * asked, as `{began, ended}` in milliseconds. It ends when who started it does.
 */
import {Agent, createServer, request as forward, type IncomingMessage, type ServerResponse} from 'node:http'
import process from 'node:process'
import type {Span} from './round-trips.ts'

const [, , registry = ''] = process.argv
const agent = new Agent({keepAlive: true})
let delay = 0
let spans: Span[] = []

const pass = (asked: IncomingMessage, answer: ServerResponse) => {
  const began = performance.now()
  answer.once('finish', () => spans.push({began, ended: performance.now()}))
  const onward = () => {
    const headers = {...asked.headers, host: registry}
    const request = forward(`http://${registry}${asked.url ?? ''}`, {method: asked.method, headers, agent}, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    request.once('error', () => answer.destroy())
    asked.pipe(request)
  }
  if (delay === 0) onward()
  else setTimeout(onward, delay)
}

const server = createServer({keepAliveTimeout: 60_000}, pass).listen(0, '127.0.0.1')
process.on('message', (message: {readonly delay: number} | 'spans') => {
  if (message === 'spans') {
    process.send?.(spans)
    spans = []
    return
  }
  delay = message.delay
  const told = () => {
    const address = server.address()
    if (address !== null && typeof address !== 'string') process.send?.({port: address.port})
  }
  if (server.listening) told()
  else server.once('listening', told)
})
process.once('disconnect', () => process.exit())
