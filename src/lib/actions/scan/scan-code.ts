/** Scans a folder of source code with our rules. */
import {resolve} from 'node:path'
import type {Finding} from '../../evidence/finding.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {semgrepFindings} from '../../tools/semgrep-findings.ts'
import type {SemgrepMatch} from '../../tools/semgrep-report.ts'
import {semgrep} from '../../tools/semgrep.ts'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {attempt, gapsOf, type Gap, type ScanProblem} from './scan-problem.ts'

export interface CodeScan {
  readonly findings: readonly Finding[]
  readonly gaps: readonly Gap[]
  /** Files that a rule looked at. */
  readonly files: number
  readonly tools: readonly ToolRecord[]
  /** Semgrep's reports as they were written. */
  readonly reports: readonly Uint8Array[]
  readonly problems: readonly ScanProblem[]
}

/** The folder that `--source` means, before anything is scanned. @throws AppError `usage.target`, `usage.empty` */
export async function openSource(source: string, context: Context): Promise<string> {
  const target = await context.target(`dir:${resolve(context.cwd, source)}`)
  if (target.kind !== 'folder') throw new AppError('usage.target', `${source} is not a folder`)
  return target.path
}

/** @param path absolute, of the folder */
export async function scanCode(path: string, timeout: number | undefined, context: Context): Promise<CodeScan> {
  context.progress.step(`Looking through the source in ${path}`)
  const spec = timeout === undefined ? semgrep : {...semgrep, timeout}
  const {answer, problem} = await attempt('semgrep', async () => {
    const {value, tool} = await context.runTool(spec, {source: path, rules: context.codeRules})
    return {report: value, tool, findings: semgrepFindings(value.matches, await readSources(value.matches, path, context))}
  })
  if (answer === undefined) return {findings: [], gaps: gapsOf(problem, ['code']), files: 0, tools: [], reports: [], problems: [problem]}
  const {report, tool, findings} = answer
  const gaps = report.unscanned.map((item) => ({...item, kind: 'code' as const}))
  // A folder of which no file was looked at is the wrong folder, or in a language that no rule is about.
  const nothing = report.scanned.length === 0 ? [{kind: 'code' as const, what: 'the whole folder', reason: 'semgrep.no-file-scanned'}] : []
  return {findings, gaps: [...gaps, ...nothing], files: report.scanned.length, tools: [tool], reports: [report.raw], problems: []}
}

async function readSources(matches: readonly SemgrepMatch[], folder: string, {files}: Context): Promise<ReadonlyMap<string, Uint8Array>> {
  const paths = [...new Set(matches.map(({path}) => path))]
  return new Map(await Promise.all(paths.map(async (path) => [path, await files.read(resolve(folder, path))] as const)))
}
