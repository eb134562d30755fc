/** One HTTP answer: status, headers, and a body that is read within bounds or dropped. */
import type {IncomingMessage} from 'node:http'
import {AppError} from '../errors.ts'
import {Transient} from './retry.ts'
import type {Watch} from './watch.ts'

/** Bytes, and milliseconds for them. */
const DRAIN_MAX = 16 * 1024
const DRAIN_MS = 500

export class Reply {
  readonly status: number
  /** Where it came from in the end. */
  readonly url: URL
  readonly #message: IncomingMessage
  readonly #watch: Watch

  constructor(message: IncomingMessage, url: URL, watch: Watch) {
    this.status = message.statusCode ?? 0
    this.url = url
    this.#message = message
    this.#watch = watch
  }

  /** One that was sent twice is both, with a comma between: no value that is expected reads like that. @param name lower case */
  header(name: string): string | null {
    return this.#message.headersDistinct[name]?.join(', ') ?? null
  }

  /** Lower case, without parameters. */
  get contentType(): string {
    return (this.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  }

  /** A page for people: a proxy, a login or a wrong address, whatever the status says. */
  get isPage(): boolean {
    return this.contentType === 'text/html' || this.contentType === 'application/xhtml+xml'
  }

  /** @throws AppError `registry.limit` beyond `max` bytes, `registry.protocol` where they are coded; Transient where the connection breaks */
  async *chunks(max: number, what: string): AsyncGenerator<Uint8Array> {
    let seen = 0
    try {
      this.#refuseCoded(what)
      for await (const chunk of this.#message as AsyncIterable<Uint8Array>) {
        this.#watch.touch()
        seen += chunk.byteLength
        if (seen > max) throw this.#tooLarge(max, what)
        yield chunk
      }
    } catch (error) {
      if (error instanceof AppError) throw error
      throw new Transient(this.#watch.failure(error))
    } finally {
      await this.drop()
    }
  }

  /** @throws as `chunks` */
  async bytes(max: number, what: string): Promise<Uint8Array> {
    if (Number(this.header('content-length') ?? 0) > max) {
      await this.drop()
      throw this.#tooLarge(max, what)
    }
    const parts: Uint8Array[] = []
    for await (const chunk of this.chunks(max, what)) parts.push(chunk)
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** Must be called for every answer whose body is not read to its end. */
  async drop(): Promise<void> {
    if (!this.#message.readableEnded && !this.#message.destroyed) {
      // Leaving a body ends the connection; what is short is read, so that the next request finds it open.
      if (Number(this.header('content-length') ?? Infinity) <= DRAIN_MAX) await drain(this.#message)
      else this.#message.destroy()
    }
    this.#watch.stop()
  }

  /** Digests are over the bytes as stored, and nobody asked for others. */
  #refuseCoded(what: string): void {
    const coding = this.header('content-encoding') ?? 'identity'
    if (coding !== 'identity') throw new AppError('registry.protocol', `${this.url.host} sent ${what} in the content coding ${coding}, which was not asked for`)
  }

  #tooLarge(max: number, what: string): AppError {
    return new AppError('registry.limit', `${what} from ${this.url.host} is larger than ${max} bytes`)
  }
}

async function drain(message: IncomingMessage): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>()
  const timer = setTimeout(() => void message.destroy(), DRAIN_MS)
  message.once('close', resolve).resume()
  await promise
  clearTimeout(timer)
}
