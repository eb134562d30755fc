/**
 * The one way to ask a bucket: nothing hangs, and a failure is one of our errors.
 *
 * The SDK tries again by itself; what it does not know or gives up early is asked again here, with growing random
 * pauses, until the time for the call is used up: a bucket that is busy (500, 503 SlowDown), two writers of one key at
 * the same moment (409), a connection that is cut. Every call is made so that asking twice does no harm.
 */
import {setTimeout as wait} from 'node:timers/promises'
import type {S3Address} from '../../evidence/store-address.ts'
import {bucketFailure, errorCode, errorName, statusOf, type Question} from './failure.ts'
import type {S3Settings} from './open-client.ts'

/** Of one request, for `send`. */
export interface RequestOptions {
  readonly abortSignal: AbortSignal
  readonly requestTimeout: number
}

/** @param bytes in the body of the request or of the answer, where they may be many */
export type Ask = <T>(question: Question, work: (options: RequestOptions) => Promise<T>, bytes?: number) => Promise<T>

/** An answer that began, and did not end. */
export class BrokenAnswer extends Error {}

/** A body may be as slow as this, bytes a millisecond. */
const SLOWEST = 256
const LONGEST_PAUSE_MS = 5000
const BUSY = new Set([429, 500, 502, 503, 504])
const CUT = new Set(['ECONNRESET', 'EPIPE'])
const CONFLICTS = new Set(['ConditionalRequestConflict', 'OperationAborted'])

export function askBucket(address: S3Address, {each, total, again, pause}: S3Settings): Ask {
  return async (question, work, bytes = 0) => {
    const transfer = Math.ceil(bytes / SLOWEST)
    const abortSignal = AbortSignal.timeout(total + 2 * transfer)
    const options = {abortSignal, requestTimeout: each + transfer}
    let last: unknown
    for (let round = 1; ; round += 1)
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after another
        return await within(abortSignal, async () => work(options))
      } catch (error) {
        // That the time is used up says less than what it was used up by.
        if (abortSignal.aborted || round >= again || !passes(error)) throw bucketFailure(address, question, abortSignal.aborted ? (last ?? error) : error)
        last = error
        // oxlint-disable-next-line no-await-in-loop -- the pause is between them
        await pauseFor(Math.random() * Math.min(LONGEST_PAUSE_MS, pause * 2 ** (round - 1)), abortSignal)
      }
  }
}

function passes(error: unknown): boolean {
  return error instanceof BrokenAnswer || BUSY.has(statusOf(error) ?? 0) || CUT.has(errorCode(error) ?? '') || CONFLICTS.has(errorName(error))
}

async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Whoever waits longer than the call may take is told by the next round.
  await wait(milliseconds, undefined, {signal}).catch(() => {})
}

/** The SDK's own limits do not cover how it finds its credentials, nor the body of an answer. */
async function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const {promise: late, reject} = Promise.withResolvers<never>()
  const give = () => reject(new DOMException('no answer in time', 'TimeoutError'))
  if (signal.aborted) give()
  signal.addEventListener('abort', give)
  try {
    return await Promise.race([work(), late])
  } finally {
    late.catch(() => {})
    signal.removeEventListener('abort', give)
  }
}
