/** The life of one request: ended where it makes no progress, or outlives its operation. */
import {AppError} from '../errors.ts'
import {errorCode} from './error-code.ts'

export class Watch {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #deadline: AbortSignal
  readonly #host: string
  readonly #onStop: () => void
  readonly #onDeadline = (): void => this.#end('did not finish in time')

  /** @param onStop called when nothing more is expected; it may be called twice */
  constructor(host: string, idle: number, deadline: AbortSignal, onStop: () => void) {
    this.#host = host
    this.#onStop = onStop
    this.#deadline = deadline
    this.#timer = setTimeout(() => this.#end(`did not answer for ${idle / 1000} s`), idle)
    if (deadline.aborted) this.#onDeadline()
    deadline.addEventListener('abort', this.#onDeadline, {once: true})
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Bytes moved. */
  touch(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#onStop()
    this.#deadline.removeEventListener('abort', this.#onDeadline)
  }

  /** What a broken connection means: our own ending first, else the network's word. */
  failure(error: unknown): AppError {
    const reason: unknown = this.#controller.signal.reason
    if (reason instanceof AppError) return reason
    return new AppError('registry.unreachable', `${this.#host} cannot be reached: ${networkWords(error)}`, {cause: error})
  }

  #end(why: string): void {
    this.#controller.abort(new AppError('registry.unreachable', `${this.#host} ${why}`))
  }
}

function networkWords(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return errorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
}
