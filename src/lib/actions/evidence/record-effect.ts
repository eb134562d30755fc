/** Writes the record of an effect that has already happened outside: a pushed signature, an attached statement. */
import {AppError} from '../../errors.ts'
import type {Stream} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {RecordInput} from '../../ports/evidence-store.ts'

/**
 * @param effect names what stays behind if the record fails
 * @returns the record's id; undefined under --no-record
 * @throws AppError `record.not-written`
 */
export async function recordEffect<S extends Stream>(effect: string, context: Context, input: RecordInput<S>): Promise<string | undefined> {
  const recorder = await context.recorder()
  if (!recorder.enabled) {
    context.progress.note('not recorded')
    return undefined
  }
  try {
    return (await recorder.write(input)).id
  } catch (cause) {
    throw new AppError(
      'record.not-written',
      `${effect} is in place, but its record could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {cause},
    )
  }
}
