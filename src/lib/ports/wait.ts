/** Time that passes, for who may not look at the clock. Types only. */

/** Resolves after `milliseconds`, or as soon as `signal` is aborted; then nothing of it is left. Never rejects. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>
