/** Tries again what may be better a moment later: few times, with jitter, never beyond the deadline. */
import {setTimeout as sleep} from 'node:timers/promises'
import type {AppError} from '../errors.ts'
import type {RegistrySettings} from './settings.ts'

/** A failure that may pass. `error` is what is thrown when it does not. */
export class Transient extends Error {
  readonly error: AppError
  /** Milliseconds that the server asked for. */
  readonly after: number | undefined

  constructor(error: AppError, after?: number) {
    super(error.message, {cause: error})
    this.error = error
    this.after = after
  }
}

export async function retry<T>(settings: Pick<RegistrySettings, 'attempts' | 'wait' | 'waitMax'>, deadline: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Transient)) throw error
      const wait = error.after ?? settings.wait * 2 ** (attempt - 1) * (0.5 + Math.random())
      if (attempt >= settings.attempts || wait > settings.waitMax || deadline.aborted) throw error.error
      await sleep(wait, undefined, {signal: deadline}).catch(() => {
        throw error.error
      })
    }
  }
}

/** `Retry-After` in milliseconds (RFC 9110 10.2.3: seconds or a date). */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
