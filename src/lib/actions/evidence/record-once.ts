/**
 * Records an effect once, however often its command is run: after a kill the
 * rerun finds the effect in place, and writes the record that is missing.
 */
import {AppError} from '../../errors.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {Stream} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {RecordInput} from '../../ports/evidence-store.ts'
import {newestRecord} from './find-record.ts'
import {recordEffect} from './record-effect.ts'

/**
 * @param effect names what stays behind if the record fails
 * @param among the records of which the newest decides
 * @param isOfIt is that the record of this effect?
 * @returns the record's id; undefined under --no-record
 * @throws AppError `record.*`
 */
export async function recordOnce<S extends Stream>(
  effect: string,
  context: Context,
  input: RecordInput<S>,
  among: (record: RecordOf<S>) => boolean,
  isOfIt: (record: RecordOf<S>) => boolean = () => true,
): Promise<string | undefined> {
  const written = (await context.recorder()).enabled ? await newest(input.stream, context, among) : undefined
  return written !== undefined && isOfIt(written) ? written.id : recordEffect(effect, context, input)
}

/** A role that may write and not read has to write twice rather than not at all. */
async function newest<S extends Stream>(stream: S, context: Context, among: (record: RecordOf<S>) => boolean): Promise<RecordOf<S> | undefined> {
  try {
    return (await newestRecord(stream, '', await context.store(), among))?.record
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('store.')) return undefined
    throw error
  }
}
