/** One HTTP answer: status, headers, and a body that is read within bounds or dropped. */
import {AppError} from '../errors.ts'
import {Transient} from './retry.ts'
import type {Watch} from './watch.ts'

/** Bytes, and milliseconds for them. */
const DRAIN_MAX = 16 * 1024
const DRAIN_MS = 500

export class Reply {
  readonly status: number
  readonly headers: Headers
  /** Where it came from in the end. */
  readonly url: URL
  readonly #response: Response
  readonly #watch: Watch

  constructor(response: Response, url: URL, watch: Watch) {
    this.status = response.status
    this.headers = response.headers
    this.url = url
    this.#response = response
    this.#watch = watch
  }

  /** Lower case, without parameters. */
  get contentType(): string {
    return (this.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  }

  /** A page for people: a proxy, a login or a wrong address, whatever the status says. */
  get isPage(): boolean {
    return this.contentType === 'text/html' || this.contentType === 'application/xhtml+xml'
  }

  /** @throws AppError `registry.limit` beyond `max` bytes; Transient where the connection breaks */
  async *chunks(max: number, what: string): AsyncGenerator<Uint8Array> {
    let seen = 0
    try {
      const body: AsyncIterable<Uint8Array> | Uint8Array[] = this.#response.body ?? []
      for await (const chunk of body) {
        this.#watch.touch()
        seen += chunk.byteLength
        if (seen > max) throw new AppError('registry.limit', `${what} from ${this.url.host} is larger than ${max} bytes`)
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
    const announced = Number(this.headers.get('content-length') ?? 0)
    if (announced > max) {
      await this.drop()
      throw new AppError('registry.limit', `${what} from ${this.url.host} is larger than ${max} bytes`)
    }
    const parts: Uint8Array[] = []
    for await (const chunk of this.chunks(max, what)) parts.push(chunk)
    return Buffer.concat(parts)
  }

  /** Must be called for every answer whose body is not read to its end. */
  async drop(): Promise<void> {
    const {body} = this.#response
    // A body that broke or is being read has nothing left to release.
    if (body !== null && !body.locked) {
      // Cancelling ends the connection; what is short is read, so that the next request finds it open.
      const isShort = Number(this.headers.get('content-length') ?? Infinity) <= DRAIN_MAX
      await (isShort ? drain(body) : body.cancel()).catch(() => {})
    }
    this.#watch.stop()
  }
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), DRAIN_MS)
  try {
    while (!(await reader.read()).done);
  } finally {
    clearTimeout(timer)
  }
}
