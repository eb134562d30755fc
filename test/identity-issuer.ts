/**
 * An OIDC issuer on loopback, as GitHub Actions and GitLab are for their jobs.
 *
 * Promise: a discovery document, a key set and a token endpoint (GitHub's: GET with a bearer token, `audience` in the
 * query, `{"value": "<token>"}`); RS256 tokens over the claims given, by a key made anew for each issuer. What the
 * issuer calls itself need not be where it listens. Every answer can be replaced, and every request is kept.
 */
import {createHmac, generateKeyPairSync, sign, type KeyObject} from 'node:crypto'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import type {IssuedCertificate} from './certificates.ts'

export const REQUEST_TOKEN = 'synthetic-request-token'

export interface TestIssuer {
  /** `http://127.0.0.1:PORT`, or https with `tls`. */
  readonly origin: string
  /** What it calls itself. */
  name: string
  /** What the token endpoint gives. */
  claims: Record<string, unknown>
  /** Replaces the answer to paths that end so. */
  readonly answers: Map<string, (response: ServerResponse) => void>
  readonly seen: {readonly path: string; readonly authorization: string | undefined}[]
  /** The tokens that it gave. */
  readonly given: string[]
  token(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>, key?: KeyObject): string
  readonly jwk: Record<string, unknown>
  stop(): Promise<void>
}

export interface IssuerOptions {
  readonly tls?: IssuedCertificate
  /** The path of the issuer below its origin. */
  readonly path?: string
}

export async function startIssuer({tls, path = ''}: IssuerOptions = {}): Promise<TestIssuer> {
  const {publicKey, privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
  const jwk = {...publicKey.export({format: 'jwk'}), kid: 'key-1', use: 'sig', alg: 'RS256'}
  const listener: RequestListener = (request, response) => answer(issuer, path, request, response)
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer({cert: tls.cert, key: tls.key}, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const origin = tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
  const issuer: TestIssuer = {
    origin,
    name: `${origin}${path}`,
    claims: {},
    answers: new Map(),
    seen: [],
    given: [],
    jwk,
    token: (claims, header = {}, key = privateKey) => signed({typ: 'JWT', alg: 'RS256', kid: 'key-1', ...header}, claims, key),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return issuer
}

/** Signs as the header says: RS256, HS256 with the bytes of a key, or not at all. */
function signed(header: Readonly<Record<string, unknown>>, claims: unknown, key: KeyObject): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (header['alg'] === 'none') return `${text}.`
  const bytes = header['alg'] === 'HS256' ? createHmac('sha256', key).update(text).digest() : sign('RSA-SHA256', Buffer.from(text), key)
  return `${text}.${bytes.toString('base64url')}`
}

function answer(issuer: TestIssuer, below: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', issuer.origin)
  issuer.seen.push({path: `${url.pathname}${url.search}`, authorization: request.headers.authorization})
  const replaced = [...issuer.answers].find(([path]) => url.pathname.endsWith(path))?.[1]
  if (replaced !== undefined) return replaced(response)
  if (url.pathname === `${below}/.well-known/openid-configuration`)
    return json(response, {issuer: issuer.name, jwks_uri: `${issuer.name}/.well-known/jwks`, id_token_signing_alg_values_supported: ['RS256']})
  if (url.pathname === `${below}/.well-known/jwks`) return json(response, {keys: [issuer.jwk]})
  if (url.pathname === '/token') {
    if (request.headers.authorization !== `Bearer ${REQUEST_TOKEN}`) return json(response, {}, 401)
    const now = Math.floor(Date.now() / 1000)
    const registered = {iss: issuer.name, aud: url.searchParams.get('audience'), iat: now, nbf: now - 60, exp: now + 300}
    const token = issuer.token({...registered, ...issuer.claims})
    issuer.given.push(token)
    return json(response, {count: 1, value: token})
  }
  return json(response, {}, 404)
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value))
}
