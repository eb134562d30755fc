/** Writes down that a question was asked: an answer without its record is none, unless a reader said --no-record. */
import {AppError, EXIT, worstExit, type ExitCode} from '../../errors.ts'
import type {Ipe} from '../../queries/ipe.ts'
import type {Context} from '../../ports/context.ts'

/**
 * @param verdict exit code of the answer
 * @throws AppError `record.not-written` where a clean answer cannot be recorded
 */
export async function recordQuery(ipe: Omit<Ipe, 'recorded'>, verdict: ExitCode, context: Context): Promise<{recorded: string | null; exitCode: ExitCode}> {
  const recorder = await context.recorder()
  if (!recorder.enabled) return {recorded: null, exitCode: verdict}
  try {
    const {id} = await recorder.write({
      stream: 'query',
      outcome: verdict === EXIT.ok ? 'pass' : verdict === EXIT.failed ? 'fail' : 'warn',
      detail: {name: ipe.query, version: ipe.version, sql: ipe.sql_sha256, parameters: {...ipe.parameters}, rows: ipe.rows, head: ipe.store.head},
    })
    return {recorded: id, exitCode: verdict}
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    if (verdict === EXIT.ok) throw unwritten(cause)
    // What was found stays found; it only was not written down.
    context.progress.note(`not recorded: ${cause.message}`)
    return {recorded: null, exitCode: worstExit([verdict, cause.exitCode])}
  }
}

function unwritten(cause: AppError): AppError {
  const fix = 'Add --no-record to read without leaving a record.'
  if (cause.exitCode !== EXIT.unreachable) return new AppError(cause.code, cause.message, {cause, fix})
  return new AppError('record.not-written', `the question was answered, but that could not be recorded: ${cause.message}`, {cause, fix})
}
