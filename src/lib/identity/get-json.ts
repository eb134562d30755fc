/**
 * One bounded GET of a JSON document.
 *
 * Rules: https with the server's certificate checked, whatever the environment
 * says of that; no redirect is followed; time, size and tries are bounded. An
 * address may hold secrets after its host, so errors name the host only.
 */
import http from 'node:http'
import https from 'node:https'
import {setTimeout as wait} from 'node:timers/promises'
import {AppError} from '../errors.ts'

export interface JsonRequest {
  readonly url: URL
  /** For sentences: `the identity token`. */
  readonly what: string
  readonly bearer?: string
}

export type GetJson = (request: JsonRequest) => Promise<unknown>

export interface GetJsonSettings {
  /** Milliseconds for one try. */
  readonly timeout: number
  readonly attempts: number
  /** Milliseconds before the second try; doubled for each further one. */
  readonly wait: number
  readonly maxBytes: number
  /** `http:` to this machine, too; for servers of tests. */
  readonly loopback?: boolean
}

const DEFAULTS: GetJsonSettings = {timeout: 10_000, attempts: 3, wait: 500, maxBytes: 256 * 1024}

/** What may pass by itself. */
class Transient extends Error {}

export function createGetJson(settings: Partial<GetJsonSettings> = {}): GetJson {
  const all = {...DEFAULTS, ...settings}
  return async (request) => {
    refuseScheme(request, all.loopback === true)
    for (let attempt = 1; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one try after another
        return parse(await ask(request, all), request)
      } catch (error) {
        if (!(error instanceof Transient)) throw error
        if (attempt >= all.attempts) throw unreachable(request, error.message)
        // oxlint-disable-next-line no-await-in-loop -- one try after another
        await wait(all.wait * 2 ** (attempt - 1))
      }
    }
  }
}

function refuseScheme(request: JsonRequest, loopback: boolean): void {
  const {protocol, hostname} = request.url
  if (protocol === 'https:' || (loopback && protocol === 'http:' && hostname === '127.0.0.1')) return
  throw new AppError('identity.invalid', `${request.what} is to be fetched from ${request.url.host} by ${protocol.slice(0, -1)}, where anybody may answer`)
}

async function ask({url, bearer}: JsonRequest, {timeout, maxBytes}: GetJsonSettings): Promise<Buffer> {
  const headers = {accept: 'application/json', 'user-agent': 'hipaa-ci', ...(bearer !== undefined && {authorization: `Bearer ${bearer}`})}
  const options = {headers, rejectUnauthorized: true, signal: AbortSignal.timeout(timeout)}
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(error instanceof AppError || error instanceof Transient ? error : new Transient(words(error, timeout)))
    const request = (url.protocol === 'http:' ? http : https).get(url, options, (response) => {
      const {statusCode = 0} = response
      if (statusCode >= 500 || statusCode === 429) return void request.destroy(new Transient(`it answered ${statusCode}`))
      if (statusCode !== 200) return void request.destroy(new AppError('identity.unreachable', `${url.host} answered ${statusCode}`))
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        parts.push(part)
        if (size > maxBytes) request.destroy(new AppError('identity.unreachable', `${url.host} answered with more than ${maxBytes} bytes`))
      })
      response.once('end', () => resolve(Buffer.concat(parts)))
      response.once('error', failed)
      response.once('close', () => (response.complete ? undefined : failed(new Error('the connection was cut'))))
    })
    request.once('error', failed)
  })
}

function parse(bytes: Buffer, request: JsonRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch {
    throw unreachable(request, 'it answered with something that is no JSON')
  }
}

function unreachable({url, what}: JsonRequest, why: string): AppError {
  return new AppError('identity.unreachable', `${what} cannot be had from ${url.host}: ${why}`)
}

/** Codes where there are some: the words of a client may quote the address. */
function words(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return 'the connection failed'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer within ${timeout / 1000} s`
  return 'code' in error && typeof error.code === 'string' ? error.code : 'the connection was cut'
}
