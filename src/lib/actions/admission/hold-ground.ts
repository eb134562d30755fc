/**
 * What a server judges by, held for all that ask, and read again while it runs: configuration, policies, keys, revocations.
 *
 * A new policy counts as a whole or not at all. Where it cannot be read the old one stays, until that is too old; then
 * nothing can be judged. What is judged under one holding sees the files as they were read for it, so that no verdict is
 * kept under the digest of another policy.
 */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import type {Wait} from '../../ports/wait.ts'
import {digestOf} from '../policy/select-policy.ts'
import {noGround, type Ground} from './find-ground.ts'
import {holdRevocations} from './hold-revocations.ts'
import {readHolding, type Holding} from './read-holding.ts'

export interface GroundOptions {
  readonly cluster: string
  /** As it stands now: read anew at every call. */
  readonly readConfig: () => Promise<Config>
  readonly wait: Wait
  /** Milliseconds after which all of it is read again; default 30 s. */
  readonly every?: number
  /** Milliseconds for which a policy counts that cannot be read again; default an hour. */
  readonly maxAge?: number
}

/** What one request is judged by. */
export interface HeldGround {
  /** SHA-256 over all that a verdict may rest on beside the image, hex; a part of every key under which one is kept. */
  readonly digest: string
  /** The same without the revocations, which come and go under one policy; undefined where nothing can be judged. */
  readonly policy: string | undefined
  readonly find: (namespace: string) => Ground
  /** With the configuration and the files of it. */
  readonly context: Context
}

export interface GroundState {
  /** When the policy was last read as a whole; undefined where it never was. */
  readonly readAt: Date | undefined
  /** Why it could not be read again, and what of it is in the way. */
  readonly faults: readonly string[]
  /** Nothing can be judged. */
  readonly fault: AppError | undefined
}

export interface GroundHolder {
  /** Reads all of it now; whoever calls meanwhile waits for the same. Never throws: `state` says what became of it. */
  refresh(): Promise<void>
  /** Reads it again where that is due, without waiting for it for long. Never throws. */
  current(): Promise<HeldGround>
  state(): GroundState
}

/** Milliseconds for which a request waits for what is read again. */
const PATIENCE = 1_000

export function holdGround({cluster, readConfig, wait, every = 30_000, maxAge = 3_600_000}: GroundOptions, base: Context): GroundHolder {
  const revocations = holdRevocations(every)
  let holding: Holding | undefined
  let readAt: Date | undefined
  let broken: AppError | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const read = async (): Promise<void> => {
    triedAt = base.now().getTime()
    try {
      const next = await readHolding(cluster, await readConfig(), base)
      // The same one stays, with the files that it has read.
      if (next.digest !== holding?.digest) holding = next
      readAt = base.now()
      if (broken !== undefined) base.progress.note('the policy can be read again')
      broken = undefined
    } catch (error) {
      const fault = error instanceof AppError ? error : new AppError('bug', `unexpected error: ${String(error)}`, {cause: error})
      if (broken?.message !== fault.message) base.progress.note(`the policy cannot be read again: ${fault.message}`)
      broken = fault
    }
    if (holding !== undefined) await revocations.refresh({...base, config: holding.config})
  }

  const refresh = async (): Promise<void> => {
    reading ??= read().finally(() => void (reading = undefined))
    return reading
  }

  const fault = (): AppError | undefined => {
    if (holding === undefined || readAt === undefined) return broken ?? new AppError('policy.unreadable', 'the policy was not read yet')
    if (base.now().getTime() - readAt.getTime() <= maxAge) return undefined
    return new AppError(
      'policy.unreadable',
      `the policy was last read at ${readAt.toISOString()}, and cannot be read again: ${broken?.message ?? 'it takes too long'}`,
    )
  }

  return {
    refresh,
    async current() {
      const since = Math.abs(base.now().getTime() - triedAt)
      // What hangs is waited for by those alone who ask in its beginning.
      if (reading === undefined ? since >= every : since < PATIENCE) await patiently(refresh(), wait)
      const why = fault()
      const now = base.now()
      if (holding === undefined || why !== undefined) {
        const none = why ?? new AppError('policy.unreadable', 'the policy was not read yet')
        return {digest: '', policy: undefined, find: () => noGround(undefined, none), context: base}
      }
      const {find, context, digest} = holding
      const {list, digest: revoked} = revocations.held(now)
      return {digest: digestOf({digest, revoked}), policy: digest, find: (namespace) => find(namespace, list), context}
    },
    state() {
      const why = fault()
      const stale = revocations.held(base.now()).fault
      return {readAt, faults: [...(broken === undefined ? [] : [broken.message]), ...(stale === undefined ? [] : [stale])], fault: why}
    },
  }
}

async function patiently(work: Promise<void>, wait: Wait): Promise<void> {
  const over = new AbortController()
  await Promise.race([work, wait(PATIENCE, over.signal)])
  over.abort()
}
