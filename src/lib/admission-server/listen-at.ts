/** Where a server listens. */
import type {Server} from 'node:net'
import {AppError} from '../errors.ts'

/**
 * @param address `0.0.0.0:8443`, `[::]:8443`; port 0 takes a free one
 * @returns `HOST:PORT`, as it listens
 * @throws AppError `admission.server`
 */
export async function listenAt(server: Server, address: string): Promise<string> {
  const {host, port} = parseAddress(address)
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : (cause.code ?? cause.message)
      reject(new AppError('admission.server', `cannot listen at ${address}: ${why}`, {cause}))
    }
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      resolve()
    })
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new AppError('admission.server', `cannot listen at ${address}`)
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}

function parseAddress(address: string): {host: string; port: number} {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535)
    throw new AppError('admission.server', `${JSON.stringify(address)} is no address to listen at`, {fix: 'Write HOST:PORT, as 0.0.0.0:8443.'})
  return {host, port: Number(port)}
}
