/**
 * What a Service is to whoever calls it: one port before several servers, connection by connection, each in turn.
 *
 * Promise: bytes are passed on as they are; a server that does not listen is passed over; when a server goes, its connections go.
 */
import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Socket} from 'node:net'

export interface ServicePort {
  readonly port: number
  stop(): Promise<void>
}

/** @param ports of the servers, on loopback */
export async function startServicePort(ports: readonly number[]): Promise<ServicePort> {
  let turn = 0
  const open = new Set<Socket>()
  const server = createServer({allowHalfOpen: true}, (client) => void pass(client))
  const pass = async (client: Socket) => {
    keep(client)
    const backend = await reach()
    if (backend === undefined || client.destroyed) {
      backend?.destroy()
      client.destroy()
      return
    }
    keep(backend)
    client.pipe(backend).pipe(client)
    client.once('close', () => backend.destroy())
    backend.once('close', () => client.destroy())
  }
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket))
  }
  const reach = async (): Promise<Socket | undefined> => {
    for (let tries = 0; tries < ports.length; tries += 1) {
      turn = (turn + 1) % ports.length
      const socket = connect({port: ports[turn] ?? 0, host: '127.0.0.1', allowHalfOpen: true})
      try {
        await once(socket, 'connect')
        return socket
      } catch {
        socket.destroy()
      }
    }
    return undefined
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
