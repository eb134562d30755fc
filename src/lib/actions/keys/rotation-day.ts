/**
 * The day of a rotation: the one that is asked for, or the one that the file has already. Pure.
 *
 * An announced day is kept unless an earlier one is named; what has happened keeps its day.
 */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {listPins, type Pin} from './list-pins.ts'

export interface DayQuestion {
  /** `YYYY-MM-DD`, UTC; absent where none was named. */
  readonly asked?: string
  readonly today: string
  readonly environments: readonly string[]
  /** SPKI digests, `sha256:<hex>`. */
  readonly added: string
  /** Undefined where the new key signs already, or none did so far. */
  readonly old?: string
}

/** @throws AppError `usage.flag` where the file has another day that is not changed by itself */
export function rotationDay({asked, today, environments, added, old}: DayQuestion, config: Config): string {
  const settled = environments.map((name) => ({name, day: settledDay(listPins(config, name), added, old)})).filter(hasDay)
  const [first, ...others] = settled
  if (first === undefined) return asked ?? today
  const {day} = first
  if (others.some((one) => one.day !== day))
    throw new AppError('usage.flag', `the new key has another day in each environment: ${settled.map((one) => `${one.name} ${one.day}`).join(', ')}`, {
      fix: 'Name one of them: --environment NAME',
    })
  if (asked === day || (asked === undefined && day <= today)) return day
  if (day <= today)
    throw new AppError('usage.flag', `the new key is in the file from ${day} on, so --on ${asked} cannot be its first day`, {
      fix: `Leave --on out, or say --on ${day}.`,
    })
  if (asked === undefined)
    throw new AppError('usage.flag', `the new key is announced from ${day} on, and that day is still to come`, {
      fix: `Run it again on that day. To bring the key in today: --on ${today}`,
    })
  if (asked < day) return asked
  throw new AppError('usage.flag', `the new key is announced from ${day} on: the day can be made earlier, not later than that (--on ${asked})`, {
    fix: 'Change `from` of the new pin and `until` of the old one in the file.',
  })
}

/** The first day of the new pin, where the rotation that it belongs to is written down. */
function settledDay(pins: readonly Pin[], added: string, old: string | undefined): string | undefined {
  const own = pins.filter(({role}) => role === 'signature')
  const day = own.find(({spki}) => spki === added)?.from
  return old === undefined || own.some(({spki, until}) => spki === old && until === day) ? day : undefined
}

function hasDay<T extends {readonly day: string | undefined}>(one: T): one is T & {readonly day: string} {
  return one.day !== undefined
}
