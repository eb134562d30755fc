/** Flag types that several commands share. */
import {Flags} from '@oclif/core'
import {Duration} from '../config/fields.ts'
import {LONG_LIVED} from '../config/schema.ts'
import {AppError} from '../errors.ts'
import {refusePath} from '../evidence/store-address.ts'

/** An instant: `2026-01-02` or ISO 8601 with a zone; a day means its first moment in UTC. */
export const instantFlag = Flags.custom<Date>({
  helpValue: 'DATE',
  parse(text) {
    if (text === '') throw new AppError('usage.empty', 'the date is empty')
    const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/
    const date = new Date(text)
    if (!form.test(text) || Number.isNaN(date.getTime())) throw new AppError('usage.flag', `${text} is not a date; write 2026-01-02 or 2026-01-02T03:04:05Z`)
    return Promise.resolve(date)
  },
})

/** A span of time: `90s`, `15m`, `24h`; in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse(text) {
    if (text === '') throw new AppError('usage.empty', 'the time is empty')
    const parsed = Duration.safeParse(text)
    if (!parsed.success || parsed.data === 0) throw new AppError('usage.flag', `${text} is not a span of time; write 90s, 15m, 24h or 7d`)
    return Promise.resolve(parsed.data)
  },
})

/** The platform's policy, of every command that judges by an environment. */
export const policyFlag = Flags.custom({
  description: "the platform's policy, which the configuration may only tighten; an address needs the digest (default: `floor`)",
  helpValue: 'FILE|URL[@sha256:…]',
})

/** Of every command that signs. */
export const allowLongLivedFlag = Flags.option({
  options: LONG_LIVED,
  multiple: true,
  description: 'in CI, sign with a credential that does not end by itself (default: `signing.allow-long-lived`)',
})

/** A store that is named by an argument, or by --store. @throws AppError `usage.flag`, `store.unsupported` */
export function storeArgument(argument: string | undefined, flag: string | undefined): string | undefined {
  if (argument === undefined) return flag
  if (flag !== undefined) throw new AppError('usage.flag', 'the store is named twice: by an argument, and by --store')
  refusePath(argument)
  return argument
}
