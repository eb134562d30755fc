/** By when a checkpoint was there: RFC 3161 timestamps on its note, by the authorities that `sealing.timestamp-authorities` pins. */
import type {Context} from '../../ports/context.ts'
import {readTimestampAuthorities} from '../policy/read-trust.ts'

export interface Timestamps {
  /** Whether any authority is: without one no timestamp says anything. */
  readonly pinned: boolean
  /** UTC with milliseconds; undefined where no pinned authority vouches for it, or it is about something else. */
  timeOf(response: Uint8Array, note: Uint8Array | string): string | undefined
}

/** @throws AppError `policy.invalid` where the file of an authority is not the one that is pinned */
export async function openTimestamps(context: Pick<Context, 'config' | 'files' | 'timestampTime'>): Promise<Timestamps> {
  const pins = context.config.sealing?.['timestamp-authorities'] ?? []
  if (pins.length === 0) return {pinned: false, timeOf: () => undefined}
  const authorities = await readTimestampAuthorities('sealing.timestamp-authorities', pins, context)
  const timeOf = await context.timestampTime()
  return {pinned: true, timeOf: (response, note) => timeOf(response, Buffer.from(note), authorities)}
}
