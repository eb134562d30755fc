/** Whoever can push can attach: beyond a number, what is attached is refused rather than read. */
import {AppError} from '../errors.ts'
import {DEFAULTS} from './settings.ts'

/** @throws AppError `referrers.too-many` */
export function checkCount(count: number, digest: string, max: number = DEFAULTS.referrersMax): void {
  if (count > max) throw tooMany(digest, `more than ${max}`)
}

export function tooMany(digest: string, how: string, cause?: unknown): AppError {
  return new AppError('referrers.too-many', `${how} artifacts are attached to ${digest}`, {cause})
}
