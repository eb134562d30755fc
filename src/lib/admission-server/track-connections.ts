/**
 * The connections of a TLS server, from their first byte on: which of them have a request under way, and since which
 * authority of the clients they are there.
 *
 * They are known by their address: a TLS socket does not tell of the one below it.
 */
import type {Server} from 'node:https'
import type {Socket} from 'node:net'

export interface TrackedConnections {
  /** A request begins. @returns what to call at its end */
  readonly begin: (socket: Socket) => () => void
  /** Of a time before the authority was last replaced. */
  readonly isOld: (socket: Socket) => boolean
  /** All that are there now become old. */
  readonly replaceAuthority: () => void
  /** Ends those without a request, also those that are still shaking hands. */
  readonly endIdle: () => void
  readonly endAll: () => void
}

interface Connection {
  readonly socket: Socket
  readonly epoch: number
  requests: number
}

export function trackConnections(server: Server): TrackedConnections {
  const open = new Map<string, Connection>()
  let epoch = 0
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket)
    open.set(address, {socket, epoch, requests: 0})
    socket.once('close', () => {
      if (open.get(address)?.socket === socket) open.delete(address)
    })
  })
  return {
    begin(socket) {
      const connection = open.get(addressOf(socket))
      if (connection === undefined) return () => undefined
      connection.requests += 1
      return () => void (connection.requests -= 1)
    },
    isOld: (socket) => open.get(addressOf(socket))?.epoch !== epoch,
    replaceAuthority: () => void (epoch += 1),
    endIdle() {
      for (const {socket, requests} of open.values()) if (requests === 0) socket.destroy()
    },
    endAll() {
      for (const {socket} of open.values()) socket.destroy()
    },
  }
}

function addressOf({remoteAddress, remotePort}: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
