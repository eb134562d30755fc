/**
 * A port that breaks off at its nth call, as a process that is killed there would leave it.
 *
 * Promise: calls are counted over all ports that share one counter; the one with the number that was asked for fails,
 * either before it has done anything, or after it has done all and nobody heard of it.
 */
import {AppError, type ReasonCode} from '../../src/lib/errors.ts'

export interface Fault {
  /** From 1; 0 = never. */
  readonly at: number
  readonly after: boolean
  /** How many calls there were so far. */
  calls: number
}

export function failing<T extends object>(port: T, fault: Fault, code: ReasonCode): T {
  return new Proxy(port, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function'
        ? (...args: unknown[]) => counted(() => Reflect.apply(member, target, args) as unknown, fault, `${String(name)}()`, code)
        : member
    },
  })
}

/** The same for a port that is one function. */
export function failingCall<A extends unknown[], R>(call: (...args: A) => Promise<R>, fault: Fault, code: ReasonCode): (...args: A) => Promise<R> {
  return async (...args) => (await counted(async () => call(...args), fault, 'the call', code)) as R
}

function counted(call: () => unknown, fault: Fault, what: string, code: ReasonCode): unknown {
  fault.calls += 1
  if (fault.calls !== fault.at) return call()
  const broken = new AppError(code, `${what} broke off`)
  if (!fault.after) throw broken
  const result = call()
  if (!(result instanceof Promise)) throw broken
  return result.then(() => Promise.reject(broken))
}
