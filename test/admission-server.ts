/**
 * A real admission server on loopback, and clients of it: TLS by authorities that nobody else trusts.
 *
 * Promise: certificates lie as a cluster mounts a secret (links by way of `..data`, replaced at once); what the server tells is
 * kept, and can be waited for; all that a test opened is closed after it.
 */
import {once} from 'node:events'
import {mkdirSync, renameSync, symlinkSync, writeFileSync} from 'node:fs'
import {Agent, request as ask, type AgentOptions} from 'node:https'
import type {IncomingHttpHeaders} from 'node:http'
import {join} from 'node:path'
import {connect, type ConnectionOptions, type TLSSocket} from 'node:tls'
import {startAdmissionServer} from '../src/lib/admission-server/start-admission-server.ts'
import {LIMITS, type ServerLimits} from '../src/lib/admission-server/server-limits.ts'
import type {AdmissionHandlers, AdmissionRequest, AdmissionServer, AdmissionServerOptions, CertificateState} from '../src/lib/ports/admission-server.ts'
import {createAuthority} from './certificates.ts'
import {scratch} from './scratch.ts'

export interface Asked extends AgentOptions {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of earlier asks, for the connections that it keeps. */
  readonly through?: Agent
}

export interface Told {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The connection was there already. */
  readonly reused: boolean
}

export interface SecretFiles {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/** Within a `describe`. */
export function admissionServers() {
  const folder = scratch()
  const servers: AdmissionServer[] = []
  const agents: Agent[] = []
  const sockets: TLSSocket[] = []
  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy()
    for (const socket of sockets.splice(0)) socket.destroy()
    await Promise.all(servers.splice(0).map(async (server) => server.close()))
  })

  const authority = createAuthority('Synthetic server authority')
  const clients = createAuthority('Synthetic client authority')
  const own = authority.issue(['127.0.0.1'])
  const gatekeeper = clients.issueTo({name: 'gatekeeper'})
  const good: SecretFiles = {...own, ca: clients.cert}
  const host = {host: '127.0.0.1', servername: '', ca: authority.cert, checkServerIdentity: () => undefined}

  const mount = (files: SecretFiles) => mountSecret(folder(), files)
  const start = async (
    handlers: Partial<AdmissionHandlers> = {},
    {limits = {}, files = good, ...options}: Partial<AdmissionServerOptions> & {limits?: Partial<ServerLimits>; files?: SecretFiles} = {},
  ) => {
    const requests = eventLog<AdmissionRequest>()
    const certificates = eventLog<CertificateState>()
    const faults = eventLog<unknown>()
    const server = await startAdmissionServer(
      {listen: '127.0.0.1:0', observe: '127.0.0.1:0', ...mount(files), clientNames: ['gatekeeper'], ...options},
      {
        answer: async (body) => body,
        unready: () => undefined,
        metrics: () => 'metrics 1\n',
        onRequest: requests.add,
        onCertificates: certificates.add,
        onFault: faults.add,
        ...handlers,
      },
      {...LIMITS, reread: 20, ...limits},
    )
    servers.push(server)
    return {server, requests, certificates, faults}
  }
  const agent = (options: AgentOptions = {}) => {
    const made = new Agent({...host, ...gatekeeper, maxCachedSessions: 0, ...options})
    agents.push(made)
    return made
  }
  const post = async (
    {url}: AdmissionServer,
    {path = '/validate', method = 'POST', headers = {'content-type': 'application/json'}, body = '{}', through, ...tls}: Asked = {},
  ) => {
    const request = ask(`${url}${path}`, {method, headers, agent: through ?? agent(tls)})
    request.end(body)
    return told(request)
  }
  const socketTo = async ({url}: AdmissionServer, tls: ConnectionOptions = {}) => {
    const {port} = new URL(url)
    const socket = connect({...host, port: Number(port), ...gatekeeper, ...tls})
    sockets.push(socket)
    await once(socket, 'secureConnect')
    return socket
  }
  return {folder, authority, clients, gatekeeper, good, mount, start, agent, post, socketTo}
}

async function told(request: ReturnType<typeof ask>): Promise<Told> {
  return new Promise((resolve, reject) => {
    request.once('error', reject)
    request.once('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () =>
        resolve({status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString(), reused: request.reusedSocket}),
      )
    })
  })
}

let versions = 0

/** As a kubelet does: a new folder, and one link to it that is replaced. */
function mountSecret(folder: string, {cert, key, ca}: SecretFiles): Pick<AdmissionServerOptions, 'certificate' | 'key' | 'clientCa'> {
  const version = `..version-${++versions}`
  const secret = join(folder, 'tls')
  mkdirSync(join(secret, version), {recursive: true})
  for (const [name, text] of Object.entries({'tls.crt': cert, 'tls.key': key, 'ca.crt': ca})) {
    writeFileSync(join(secret, version, name), text)
    try {
      symlinkSync(join('..data', name), join(secret, name))
    } catch {
      // It is there since the first time.
    }
  }
  symlinkSync(version, join(secret, '..new'))
  renameSync(join(secret, '..new'), join(secret, '..data'))
  return {certificate: join(secret, 'tls.crt'), key: join(secret, 'tls.key'), clientCa: join(secret, 'ca.crt')}
}

export interface EventLog<T> {
  readonly all: readonly T[]
  readonly add: (event: T) => void
  /** The first that fits, now or later. */
  readonly first: (fits: (event: T) => boolean) => Promise<T>
}

export function eventLog<T>(): EventLog<T> {
  const all: T[] = []
  const waiting = new Set<() => void>()
  return {
    all,
    add(event) {
      all.push(event)
      for (const look of waiting) look()
    },
    first: async (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = all.find(fits)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}
