/**
 * The HTTPS server of an admission provider, and beside it plain HTTP for probes and metrics.
 *
 * TLS 1.3 and HTTP/1.1. Sessions are not resumed: a ticket would outlive the authority that its holder was let in by.
 */
import {constants} from 'node:crypto'
import {createServer, type Server, type ServerOptions} from 'node:https'
import type {Socket} from 'node:net'
import {TLSSocket} from 'node:tls'
import type {AdmissionHandlers, AdmissionServerOptions, StartAdmissionServer} from '../ports/admission-server.ts'
import {createRequestListener} from './answer-requests.ts'
import {guarded} from './guarded.ts'
import {checkAllowed, judgePeer, type JudgedPeer} from './judge-peer.ts'
import {listenAt} from './listen-at.ts'
import {createObserveServer} from './observe.ts'
import {readCertificates, type ServerCertificates} from './read-certificates.ts'
import {LIMITS, type ServerLimits} from './server-limits.ts'
import {trackConnections, type TrackedConnections} from './track-connections.ts'
import {watchCertificates} from './watch-certificates.ts'

/** The provider's time-out is 8 s, the webhook's 10 s. */
const DEADLINE = 7_000

/** @throws AppError `admission.server` */
export async function startAdmissionServer(
  options: AdmissionServerOptions,
  handlers: AdmissionHandlers,
  limits: ServerLimits = LIMITS,
): ReturnType<StartAdmissionServer> {
  checkAllowed(options)
  const first = await readCertificates(options)
  let draining = false

  const server = createServer({...tlsOptions(first), ...serverOptions(limits)})
  server.maxConnections = limits.connections
  const connections = trackConnections(server)
  const peers = new WeakMap<Socket, JudgedPeer>()
  const peerOf = (socket: Socket): JudgedPeer => {
    const peer = peers.get(socket) ?? (socket instanceof TLSSocket ? judgePeer(socket, options) : NOBODY)
    peers.set(socket, peer)
    return peer
  }
  server.on(
    'request',
    createRequestListener({
      handlers,
      limits,
      deadline: options.deadline ?? DEADLINE,
      peerOf,
      isLast: (socket) => draining || connections.isOld(socket),
      begin: connections.begin,
    }),
  )
  server.on('secureConnection', (socket) => {
    if (peerOf(socket).refused === undefined) return
    const timer = setTimeout(() => socket.destroy(), limits.stranger).unref()
    socket.once('close', () => clearTimeout(timer))
  })

  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    // Probes look whether anybody listens, and hang up.
    if (error.code === 'ECONNRESET') return
    const why = `no TLS connection came about: ${error.code ?? error.message}`
    guarded(() => handlers.onRequest({outcome: 'not-a-client', status: 0, milliseconds: 0, why}), handlers.onFault)
  })

  const watch = watchCertificates(
    options,
    first,
    {
      use: (next, before) => replace(server, connections, next, before),
      tell: (state) => guarded(() => handlers.onCertificates?.(state), handlers.onFault),
    },
    limits.reread,
  )
  const observed = createObserveServer({
    ...handlers,
    unready() {
      const {expires} = watch.current()
      if (draining) return 'it is ending'
      return expires.getTime() <= Date.now() ? `its certificate expired at ${expires.toISOString()}` : handlers.unready()
    },
  })
  const end = async () => {
    draining = true
    watch.stop()
    await drain(server, connections, limits.drain)
    await ended(observed, () => observed.closeAllConnections())
  }
  try {
    const address = await listenAt(server, options.listen)
    const observeAddress = await listenAt(observed, options.observe)
    let ending: Promise<void> | undefined
    return {url: `https://${address}`, observeUrl: `http://${observeAddress}`, close: async () => (ending ??= end())}
  } catch (error) {
    await end()
    throw error
  }
}

const NOBODY: JudgedPeer = {name: '', spki: '', from: 0, until: 0, refused: 'it did not come by TLS'}

/** All of it each time: what is left out of a later call falls back to what Node holds for right. */
function tlsOptions({cert, key, ca}: ServerCertificates): ServerOptions {
  return {cert, key, ca: [...ca], minVersion: 'TLSv1.3', secureOptions: constants.SSL_OP_NO_TICKET}
}

function serverOptions(limits: ServerLimits): ServerOptions {
  return {
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: limits.handshake,
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.keepAlive,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
  }
}

/** Connections stay; those of an authority that was replaced get one more answer. */
function replace(server: Server, connections: TrackedConnections, next: ServerCertificates, before: ServerCertificates): void {
  server.setSecureContext(tlsOptions(next))
  if (next.ca.join('') !== before.ca.join('')) connections.replaceAuthority()
}

async function drain(server: Server, connections: TrackedConnections, atMost: number): Promise<void> {
  const timer = setTimeout(connections.endAll, atMost)
  await ended(server, connections.endIdle)
  clearTimeout(timer)
}

/** A server that never listened has ended. */
async function ended(server: {close: (done: () => void) => unknown}, meanwhile: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    meanwhile()
  })
}
