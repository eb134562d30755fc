/**
 * Answers a registry's challenge: Basic, or a Bearer token from the realm that
 * it names (distribution-spec, token flow). Tokens are kept per scope and asked
 * for once, however many requests wait.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {FoundCredentials} from '../ports/credentials.ts'
import type {Challenge} from './challenge.ts'
import {basicHeader, tokenRequest, type TokenRequest} from './token-request.ts'

/** b64token of RFC 6750: nothing that could break a header. */
const Token = z.string().regex(/^[\w.~+/=-]+$/)
const TokenReply = z.looseObject({token: Token.optional(), access_token: Token.optional()})

export interface AuthorizerParts {
  readonly host: string
  readonly findCredentials: () => Promise<FoundCredentials>
  /** Follows no redirect. @throws AppError, Transient */
  readonly fetchToken: (request: TokenRequest) => Promise<unknown>
  /** Throws where `realm` must not be asked. */
  readonly checkRealm: (realm: URL) => void
}

interface KnownToken {
  readonly asked: Promise<string>
  /** Once it is there. */
  header?: string
}

export class Authorizer {
  readonly #parts: AuthorizerParts
  readonly #tokens = new Map<string, KnownToken>()
  /** Sent with requests until the registry asks for another. */
  #current: string | undefined
  #challenge: Challenge | undefined
  #found: Promise<FoundCredentials> | undefined

  constructor(parts: AuthorizerParts) {
    this.#parts = parts
  }

  /** What to send before the registry asks: nothing at first, then what it took last. @param scopes rights that are needed beyond that */
  async header(scopes: readonly string[] = []): Promise<string | undefined> {
    if (scopes.length === 0 || this.#challenge?.scheme !== 'bearer') return this.#current
    return this.#bearer(this.#challenge, undefined, scopes)
  }

  /**
   * @param used the header that was refused, so that an expired token is not offered again
   * @throws AppError `registry.refused`, `registry.protocol`
   */
  async answer(challenge: Challenge | undefined, used: string | undefined, scopes: readonly string[] = []): Promise<string> {
    if (challenge === undefined) throw this.#refused('asks for a login in a way that is not known')
    const header = await (challenge.scheme === 'basic' ? this.#basic() : this.#bearer(challenge, used, scopes))
    if (header === used) throw this.#refused('refuses the login')
    this.#challenge = challenge
    this.#current = header
    return header
  }

  async #basic(): Promise<string> {
    const {credentials, hint} = await this.#credentials()
    if (credentials === undefined) throw this.#refused(`asks for a login, and ${hint ?? 'there is none'}`)
    if (credentials.kind === 'identity-token') throw this.#refused('asks for a password, and there is only an identity token')
    return basicHeader(credentials)
  }

  /** No `await` between looking and asking: requests that fail together ask together. */
  async #bearer({parameters}: Challenge, used: string | undefined, more: readonly string[]): Promise<string> {
    const scopes = [...new Set([...(parameters['scope'] ?? '').split(' '), ...more])].filter((scope) => scope !== '')
    const key = JSON.stringify([parameters['realm'], parameters['service'], ...scopes])
    const known = this.#tokens.get(key)
    if (known !== undefined && (known.header === undefined || known.header !== used)) return known.asked
    const fresh: KnownToken = {asked: this.#token(parameters, scopes)}
    this.#tokens.set(key, fresh)
    try {
      fresh.header = await fresh.asked
      return fresh.header
    } catch (error) {
      if (this.#tokens.get(key) === fresh) this.#tokens.delete(key)
      throw error
    }
  }

  async #token(parameters: Readonly<Record<string, string>>, scopes: readonly string[]): Promise<string> {
    const realm = URL.parse(parameters['realm'] ?? '')
    if (realm === null) throw new AppError('registry.protocol', `${this.#parts.host} names no place to get a token from`)
    this.#parts.checkRealm(realm)
    const {credentials} = await this.#credentials()
    const reply = TokenReply.safeParse(await this.#parts.fetchToken(tokenRequest(realm, parameters['service'], scopes, credentials)))
    const token = reply.data?.token ?? reply.data?.access_token
    if (token === undefined) throw new AppError('registry.protocol', `${realm.host} sent no token for ${this.#parts.host}`)
    return `Bearer ${token}`
  }

  /** Looked for only when a registry asks; again when they have ended, or could not be had. */
  async #credentials(): Promise<FoundCredentials> {
    this.#found ??= this.#parts.findCredentials()
    const asked = this.#found
    try {
      const found = await asked
      if (found.until === undefined || found.until > Date.now()) return found
    } catch (error) {
      if (this.#found === asked) this.#found = undefined
      throw error
    }
    if (this.#found === asked) this.#found = this.#parts.findCredentials()
    return this.#found ?? this.#parts.findCredentials()
  }

  #refused(what: string): AppError {
    return new AppError('registry.refused', `${this.#parts.host} ${what}`, {fix: `docker login ${this.#parts.host}`})
  }
}
