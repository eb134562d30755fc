/** The life of one request: ended where it makes no progress, or outlives its operation. */
import {AppError} from '../errors.ts'
import {networkFailure} from './network-words.ts'

export class Watch {
  readonly #timer: NodeJS.Timeout
  readonly #deadline: AbortSignal
  readonly #host: string
  readonly #onStop: () => void
  readonly #onDeadline = (): void => this.#end('did not finish in time')
  #ended: AppError | undefined
  #onEnd: ((reason: AppError) => void) | undefined

  /** @param onStop called when nothing more is expected; it may be called twice */
  constructor(host: string, idle: number, deadline: AbortSignal, onStop: () => void) {
    this.#host = host
    this.#onStop = onStop
    this.#deadline = deadline
    this.#timer = setTimeout(() => this.#end(`did not answer for ${idle / 1000} s`), idle)
    if (deadline.aborted) this.#onDeadline()
    deadline.addEventListener('abort', this.#onDeadline, {once: true})
  }

  /** `stopNow` is called where the request has to end, at once if it should have by now. */
  onEnd(stopNow: (reason: AppError) => void): void {
    this.#onEnd = stopNow
    if (this.#ended !== undefined) stopNow(this.#ended)
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
    if (this.#ended !== undefined) return this.#ended
    const {words, fix} = networkFailure(error)
    return new AppError('registry.unreachable', `${this.#host} cannot be reached: ${words}`, {cause: error, ...(fix !== undefined && {fix})})
  }

  #end(why: string): void {
    this.#ended ??= new AppError('registry.unreachable', `${this.#host} ${why}`)
    this.#onEnd?.(this.#ended)
  }
}
