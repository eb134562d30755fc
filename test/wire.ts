/**
 * The line to a server: a port of loopback that passes connections on, byte for byte, until a test cuts it, stops it or makes
 * it slow.
 *
 * Promise: `cut` is as if nobody listened, also for connections that are there; in `hangs` connections come about, and what is
 * sent on any of them goes no further, now or later; `slow` holds each piece of an answer back for so long. What is done to it
 * counts for all connections at once, and the port stays the same.
 */
import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Socket} from 'node:net'
import {setTimeout as wait} from 'node:timers/promises'

export interface Wire {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  pass(): Promise<void>
  cut(): Promise<void>
  hang(): void
  /** @param milliseconds for each piece of an answer */
  slow(milliseconds: number): void
  stop(): Promise<void>
}

/** @param end `127.0.0.1:PORT` of the server */
export async function startWire(end: string): Promise<Wire> {
  const [host = '', farPort = ''] = end.split(':')
  const sockets = new Set<Socket>()
  let hangs = false
  let delay = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer({allowHalfOpen: true}, (near) => {
    keep(near)
    const far = keep(connect({host, port: Number(farPort), allowHalfOpen: true}))
    void carry(near, far, () => ({hangs, delay: 0}))
    void carry(far, near, () => ({hangs, delay}))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  const cut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    host: `127.0.0.1:${port}`,
    async pass() {
      if (hangs) for (const socket of sockets) socket.destroy()
      hangs = false
      delay = 0
      if (!server.listening) await listen(port)
    },
    cut,
    hang: () => void (hangs = true),
    slow: (milliseconds) => void (delay = milliseconds),
    stop: cut,
  }
}

async function carry(from: Socket, to: Socket, now: () => {readonly hangs: boolean; readonly delay: number}): Promise<void> {
  try {
    for await (const piece of from) {
      const {hangs, delay} = now()
      if (hangs) continue
      if (delay > 0) await wait(delay)
      if (to.destroyed) return
      if (!to.write(piece as Buffer)) await once(to, 'drain')
    }
    to.end()
  } catch {
    // Broken off on one side: so it is on the other.
    to.destroy()
  }
}
