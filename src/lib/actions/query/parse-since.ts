/** `90d`, `24h`, `15m` before now, or a date: the moment from which records count. */
import {Duration} from '../../config/fields.ts'
import {AppError} from '../../errors.ts'

/** @throws AppError `usage.flag` */
export function parseSince(text: string, now: Date): Date {
  const duration = Duration.safeParse(text)
  if (duration.success) return new Date(now.getTime() - duration.data)
  const date = new Date(text)
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text) || Number.isNaN(date.getTime()))
    throw new AppError('usage.flag', `${JSON.stringify(text)} is neither a time span nor a date`, {
      fix: 'Write 90d, 24h, 15m, 2026-01-02 or 2026-01-02T03:04:05Z.',
    })
  return date
}
