/**
 * Answers a registry's challenge: Basic, or a Bearer token from the realm that
 * it names (distribution-spec, token flow). Tokens are kept per scope and asked
 * for once, however many requests wait.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Challenge} from './challenge.ts'
import type {Credentials, FoundCredentials} from './docker-config.ts'

/** b64token of RFC 6750: nothing that could break a header. */
const Token = z.string().regex(/^[\w.~+/=-]+$/)
const TokenReply = z.looseObject({token: Token.optional(), access_token: Token.optional()})

export interface AuthorizerParts {
  readonly host: string
  readonly findCredentials: () => Promise<FoundCredentials>
  /** GET that follows no redirect. @throws AppError, Transient */
  readonly fetchToken: (realm: URL, authorization: string | undefined) => Promise<unknown>
  /** Throws where `realm` must not be asked. */
  readonly checkRealm: (realm: URL) => void
}

export class Authorizer {
  /** Sent with requests until the registry asks for another. */
  current: string | undefined
  readonly #parts: AuthorizerParts
  readonly #tokens = new Map<string, Promise<string>>()
  #found: Promise<FoundCredentials> | undefined

  constructor(parts: AuthorizerParts) {
    this.#parts = parts
  }

  /**
   * @param used the header that was refused, so that an expired token is not offered again
   * @throws AppError `registry.refused`, `registry.protocol`
   */
  async answer(challenge: Challenge | undefined, used: string | undefined): Promise<string> {
    if (challenge === undefined) throw this.#refused('asks for a login in a way that is not known')
    const header = await (challenge.scheme === 'basic' ? this.#basic() : this.#bearer(challenge, used))
    if (header === used) throw this.#refused('refuses the login')
    this.current = header
    return header
  }

  async #basic(): Promise<string> {
    const {credentials, hint} = await this.#credentials()
    if (credentials === undefined) throw this.#refused(`asks for a login, and ${hint ?? 'there is none'}`)
    return basicHeader(credentials)
  }

  async #bearer({parameters}: Challenge, used: string | undefined): Promise<string> {
    const key = JSON.stringify(parameters)
    const known = this.#tokens.get(key)
    if (known !== undefined && (await known) !== used) return known
    const asked = this.#token(parameters)
    this.#tokens.set(key, asked)
    try {
      return await asked
    } catch (error) {
      this.#tokens.delete(key)
      throw error
    }
  }

  async #token(parameters: Readonly<Record<string, string>>): Promise<string> {
    const realm = URL.parse(parameters['realm'] ?? '')
    if (realm === null) throw new AppError('registry.protocol', `${this.#parts.host} names no place to get a token from`)
    this.#parts.checkRealm(realm)
    for (const name of ['service', 'scope']) {
      const value = parameters[name]
      if (value !== undefined) realm.searchParams.set(name, value)
    }
    const {credentials} = await this.#credentials()
    const reply = TokenReply.safeParse(await this.#parts.fetchToken(realm, credentials === undefined ? undefined : basicHeader(credentials)))
    const token = reply.data?.token ?? reply.data?.access_token
    if (token === undefined) throw new AppError('registry.protocol', `${realm.host} sent no token for ${this.#parts.host}`)
    return `Bearer ${token}`
  }

  /** Read once, and only when a registry asks. */
  #credentials(): Promise<FoundCredentials> {
    this.#found ??= this.#parts.findCredentials()
    return this.#found
  }

  #refused(what: string): AppError {
    return new AppError('registry.refused', `${this.#parts.host} ${what}`, {fix: `docker login ${this.#parts.host}`})
  }
}

function basicHeader({username, password}: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
