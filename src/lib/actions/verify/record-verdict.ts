/** A verdict and its record: the record is written before the answer is given. */
import {UNNAMED_SYSTEM} from '../../config/schema.ts'
import {AppError, worstExit, type ExitCode} from '../../errors.ts'
import type {Judgement, Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'

export interface VerifyResult extends Judgement {
  /** As it was asked for: an image, a file or a digest. */
  readonly image: string
  readonly repository: string | undefined
  readonly digest: string | undefined
  readonly environment: string
  /** SHA-256 of the policy, hex. */
  readonly policy: string
  readonly asOf: string
  readonly record: string | undefined
  readonly recorded: boolean
  /** The signed verdict, where it was asked for: the referrer that it lies in, and its record. */
  readonly attestation?: {readonly manifest: string; readonly record: string | undefined}
}

/** No record, no verdict: a pass that cannot be recorded is none; a failure stays one and says "not recorded". */
export /** @param policy that it stands on: its text goes along. @param subject of the record, where it is no image
 */
async function recordVerdict(result: VerifyResult, {texts = []}: Pick<Policy, 'texts'>, context: Context, subject?: string): Promise<VerifyResult> {
  const recorder = await context.recorder()
  if (!recorder.enabled) return result
  // Outside any project there is nobody to record for. Inside a run a step that leaves no record is a gap, and refused below.
  if (context.config.system === UNNAMED_SYSTEM && context.variable('HIPAA_CI_RUN') === undefined) return result
  try {
    const {id} = await recorder.write({
      stream: 'verification',
      ...(result.digest !== undefined && {subject: subject ?? subjectOf(result.repository, result.digest)}),
      environment: result.environment.replace(/[()]/g, ''),
      outcome: result.verdict === 'verified' ? 'pass' : result.verdict === 'failed' ? 'fail' : 'error',
      detail: {
        policy: result.policy,
        as_of: result.asOf,
        verdict: result.verdict,
        checks: result.checks.map(({name, state, reason}) => ({name, state, ...(reason !== undefined && {reason})})),
      },
      blobs: texts,
    })
    return {...result, record: id, recorded: true}
  } catch (error) {
    if (result.verdict === 'verified') throw error
    context.progress.note(`not recorded: ${error instanceof Error ? error.message : String(error)}`)
    const exitCode: ExitCode = error instanceof AppError ? worstExit([result.exitCode, error.exitCode]) : result.exitCode
    return {...result, exitCode}
  }
}

/** The `subject` of a record about an image. */
export function subjectOf(repository: string | undefined, digest: string): string {
  return repository === undefined ? `urn:hipaa-ci:image:${digest}` : `${repository}@${digest}`
}
