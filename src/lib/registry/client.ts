/**
 * HTTP to one registry: redirects by hand, credentials for its own origin only,
 * retries for what may pass, and an error of ours for every answer but those
 * that the caller named. Nothing but a clear 404 means "not there".
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {Authorizer} from './authorizer.ts'
import {parseChallenge} from './challenge.ts'
import {findCredentials} from './credentials.ts'
import {exchange} from './exchange.ts'
import {networkFailure} from './network-words.ts'
import {checkAddress} from './origin.ts'
import {Reply} from './reply.ts'
import {retry, retryAfter, Transient} from './retry.ts'
import type {RegistrySettings} from './settings.ts'
import {slotsOf} from './slots.ts'
import type {TokenRequest} from './token-request.ts'
import {Watch} from './watch.ts'

export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  readonly url: URL
  /** For messages: `the manifest sha256:…`. */
  readonly what: string
  /** Statuses that are an answer; all others are thrown. */
  readonly answers: readonly number[]
  /** Statuses at which even a web page is an answer. */
  readonly pages?: readonly number[]
  readonly headers?: Readonly<Record<string, string>>
  /** Rights beyond those that the registry asks for by itself: `repository:other:pull`. */
  readonly scopes?: readonly string[]
  /** The body is read from elsewhere while it is sent. */
  readonly streams?: boolean
  /** Called for every try. `touch` tells that bytes moved. */
  readonly body?: (touch: () => void) => Uint8Array | AsyncIterable<Uint8Array>
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const REDIRECTS_MAX = 5
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504])
const TOKEN_MAX = 1024 * 1024
const ERROR_MAX = 64 * 1024
const FORM = {'content-type': 'application/x-www-form-urlencoded'}

/** distribution-spec, error codes. */
const ErrorBody = z.looseObject({errors: z.array(z.looseObject({code: z.string().optional(), message: z.string().optional()}))})

export class RegistryClient {
  readonly origin: URL
  readonly settings: RegistrySettings
  readonly #auth: Authorizer

  constructor(host: string, origin: URL, settings: RegistrySettings) {
    this.origin = origin
    this.settings = settings
    this.#auth = new Authorizer({
      host,
      findCredentials: () => findCredentials(host, settings),
      fetchToken: (request) => this.#fetchToken(request),
      checkRealm: (realm) => checkAddress(realm, origin),
    })
  }

  /** One operation with its retries; `work` is run anew for each. @param total milliseconds for all of them */
  async operation<T>(work: (deadline: AbortSignal) => Promise<T>, total = this.settings.total): Promise<T> {
    const deadline = AbortSignal.timeout(total)
    return retry(this.settings, deadline, () => work(deadline))
  }

  /** @throws AppError `registry.*`; Transient */
  async send(ask: Ask, deadline: AbortSignal): Promise<Reply> {
    const used = await this.#auth.header(ask.scopes)
    let reply = await this.#follow(ask, used, deadline)
    if (reply.status === 401 && reply.url.origin === this.origin.origin) {
      await reply.drop()
      const header = await this.#auth.answer(parseChallenge(reply.header('www-authenticate')), used, ask.scopes)
      reply = await this.#follow(ask, header, deadline)
    }
    if (reply.isPage && !TRANSIENT.has(reply.status) && !ask.pages?.includes(reply.status)) {
      await reply.drop()
      throw new AppError('registry.protocol', `${reply.url.host} answered with a web page instead of ${ask.what} (${reply.status})`)
    }
    if (!ask.answers.includes(reply.status)) throw await this.#failure(reply, ask)
    return reply
  }

  async #follow(ask: Ask, authorization: string | undefined, deadline: AbortSignal): Promise<Reply> {
    let {url} = ask
    let header = authorization
    for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
      const reply = await this.#fetch(url, ask, header, deadline)
      if (!REDIRECTS.has(reply.status)) return reply
      await reply.drop()
      const next = URL.parse(reply.header('location') ?? '', url.href)
      if (next === null) throw new AppError('registry.protocol', `${url.host} redirects to nowhere`)
      checkAddress(next, this.origin)
      // Once away from the registry, its credentials stay behind for good.
      if (next.origin !== this.origin.origin) header = undefined
      url = next
    }
    throw new AppError('registry.protocol', `${this.origin.host} redirects in circles`)
  }

  async #fetch(url: URL, ask: Pick<Ask, 'method' | 'headers' | 'body' | 'streams'>, authorization: string | undefined, deadline: AbortSignal): Promise<Reply> {
    const release = await this.#slot(url, deadline, ask)
    const watch = new Watch(url.host, this.settings.idle, deadline, release)
    const body = ask.body?.(() => watch.touch())
    try {
      const answer = await exchange(
        url,
        {
          method: ask.method,
          // Digests are over the bytes as stored: no content coding.
          headers: {'user-agent': 'hipaa-ci', 'accept-encoding': 'identity', ...ask.headers, ...(authorization === undefined ? {} : {authorization})},
          ...(body === undefined ? {} : {body}),
        },
        watch,
      )
      watch.touch()
      const reply = new Reply(answer, url, watch)
      if (body === undefined || !REDIRECTS.has(reply.status)) return reply
      await reply.drop()
      throw new AppError('registry.protocol', `${url.host} redirects what is written to it`)
    } catch (error) {
      watch.stop()
      if (error instanceof AppError && error.code !== 'registry.unreachable') throw error
      const failure = watch.failure(error)
      // A certificate does not get better by waiting.
      if (networkFailure(error).isTls) throw failure
      throw new Transient(failure)
    }
  }

  /** A stream may be read from the same server: if it took a place too, uploads could wait for each other for ever. */
  async #slot(url: URL, deadline: AbortSignal, {streams}: Pick<Ask, 'streams'>): Promise<() => void> {
    if (streams === true) return () => {}
    try {
      const release = await slotsOf(url.origin, this.settings.parallel).take(deadline)
      // A moment later: by then the connection is known to be free, and no new one is made.
      return () => void setImmediate(release)
    } catch (error) {
      throw new AppError('registry.unreachable', `${url.host} did not answer earlier requests in time`, {cause: error})
    }
  }

  async #fetchToken({url, authorization, form}: TokenRequest): Promise<unknown> {
    const ask = form === undefined ? ({method: 'GET'} as const) : ({method: 'POST', headers: FORM, body: () => Buffer.from(form.toString())} as const)
    const reply = await this.#fetch(url, ask, authorization, AbortSignal.timeout(this.settings.total))
    if (reply.status !== 200) throw await this.#failure(reply, {what: 'a token'})
    const bytes = await reply.bytes(TOKEN_MAX, 'a token')
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch {
      throw new AppError('registry.protocol', `${url.host} answered without a token`)
    }
  }

  async #failure(reply: Reply, {what}: Pick<Ask, 'what'>): Promise<AppError | Transient> {
    const words = await errorWords(reply)
    const message = `${reply.url.host} answered ${reply.status} for ${what}${words === '' ? '' : `: ${words}`}`
    if (TRANSIENT.has(reply.status) || reply.status > 500) {
      return new Transient(new AppError('registry.unreachable', message), retryAfter(reply.header('retry-after'), Date.now()))
    }
    return new AppError(reply.status >= 400 ? 'registry.refused' : 'registry.protocol', message)
  }
}

/** The registry's own error code and words, made harmless for a terminal. */
async function errorWords(reply: Reply): Promise<string> {
  try {
    const {errors} = ErrorBody.parse(JSON.parse(new TextDecoder().decode(await reply.bytes(ERROR_MAX, 'an error'))))
    return [errors[0]?.code ?? '', errors[0]?.message ?? '']
      .join(' ')
      .replaceAll(/[^\x20-\x7E]/g, '')
      .slice(0, 200)
      .trim()
  } catch {
    // The status says enough: the body is only a comment on it.
    return ''
  } finally {
    await reply.drop()
  }
}
