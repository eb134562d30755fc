/** A tool that gave no answer: a gap in the scan that needed it, not the end of the others. */
import {AppError, type ReasonCode} from '../../errors.ts'
import type {ScanKind, Unscanned} from '../../evidence/details.ts'
import type {ToolName} from '../../ports/tools.ts'

export interface ScanProblem {
  readonly tool: ToolName
  readonly code: ReasonCode
  readonly message: string
  readonly fix: string | undefined
}

/** What a scan of one kind did not look at. */
export type Gap = Unscanned & {readonly kind: ScanKind}

export type Attempt<T> = {readonly answer: T; readonly problem?: never} | {readonly answer?: never; readonly problem: ScanProblem}

/** Anything but a tool's failure stops the command as ever. */
export async function attempt<T>(tool: ToolName, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return {answer: await work()}
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('tool.')) throw error
    return {problem: {tool, code: error.code, message: error.message, fix: error.suggestions[0]}}
  }
}

/** The gaps that `problem` leaves in scans of `kinds`. */
export function gapsOf(problem: ScanProblem | undefined, kinds: readonly ScanKind[]): Gap[] {
  return problem === undefined ? [] : kinds.map((kind) => ({kind, what: problem.tool, reason: problem.code}))
}
