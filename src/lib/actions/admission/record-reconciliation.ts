/** Writes down what was compared, with every difference as a blob: a comparison without its record is none, unless a reader said --no-record. */
import {recordText} from '../../admission/admission-detail.ts'
import type {Difference} from '../../admission/reconciled-difference.ts'
import {AppError, EXIT, worstExit, type ExitCode} from '../../errors.ts'
import type {DetailOf, Outcome, ToolRecord} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'

export interface Reconciliation extends Omit<DetailOf<'reconciliation'>, 'first'> {
  readonly differences: readonly Difference[]
  /** What else belongs into the blob. */
  readonly about: Readonly<Record<string, unknown>>
  readonly tools: readonly ToolRecord[]
}

const FIRST = 64
const OUTCOMES: Readonly<Partial<Record<ExitCode, Outcome>>> = {[EXIT.ok]: 'pass', [EXIT.failed]: 'fail', [EXIT.missing]: 'warn'}

/**
 * @param verdict exit code of the comparison
 * @throws AppError `record.not-written` where a clean one cannot be recorded
 */
export async function recordReconciliation(
  {differences, about, tools, ...detail}: Reconciliation,
  verdict: ExitCode,
  context: Context,
): Promise<{readonly record: string | undefined; readonly exitCode: ExitCode}> {
  const recorder = await context.recorder()
  if (!recorder.enabled) return {record: undefined, exitCode: verdict}
  const first = differences
    .toSorted((a, b) => Number(b.open) - Number(a.open))
    .slice(0, FIRST)
    .map(({side, what, reason}) => ({side, what: recordText(what), reason}))
  try {
    const {id} = await recorder.write({
      stream: 'reconciliation',
      outcome: OUTCOMES[verdict] ?? 'error',
      detail: {...detail, cluster: recordText(detail.cluster), first},
      tools,
      blobs: [{name: 'differences.json', mediaType: 'application/json', bytes: Buffer.from(JSON.stringify({...about, differences}))}],
    })
    return {record: id, exitCode: verdict}
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    if (verdict === EXIT.ok) {
      const fix = 'Reach the evidence store, or add --no-record to compare without leaving a record.'
      throw new AppError('record.not-written', `what runs was compared, but that could not be recorded: ${cause.message}`, {cause, fix})
    }
    // What was found stays found; it only was not written down.
    context.progress.note(`not recorded: ${cause.message}`)
    return {record: undefined, exitCode: worstExit([verdict, cause.exitCode])}
  }
}
