/** What must not go before the evidence that waits in the spool: a run's end, a signature, a promotion. */
import {AppError} from '../../errors.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import type {Context} from '../../ports/context.ts'

/**
 * Call it before the first effect.
 * @param step `a run's end`
 * @throws AppError `spool.not-empty`, `spool.unusable`
 */
export async function refuseWaiting(step: string, {spool: open}: Pick<Context, 'spool'>): Promise<void> {
  const spool = await open()
  if (spool === undefined) return
  let count = 0
  for await (const _ of spool.list('')) count += 1
  if (count > 0)
    throw new AppError('spool.not-empty', `${count === 1 ? '1 object waits' : `${count} objects wait`} in ${spool.path}, and ${step} must not go before`, {
      fix: `hipaa-ci emit --flush --spool ${shellQuoted(spool.path)}`,
    })
}
