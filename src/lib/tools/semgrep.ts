/**
 * Semgrep: a folder of source code in, matches and everything it did not look at out. Pure.
 *
 * By itself Semgrep ends with 0 though it skipped tests, ignored files, large
 * files and what it could not parse, and a comment silences it. So every
 * switch that the code under test could turn is off, and what was skipped is
 * read from its own account.
 */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'
import {EXCLUDED, readSemgrepReport, type SemgrepReport} from './semgrep-report.ts'

export interface SemgrepInput {
  /** Absolute path of the folder. */
  readonly source: string
  /** Absolute paths of rule files or folders. */
  readonly rules: readonly string[]
}

/** Files above this are unscanned, not skipped in silence. */
const MAX_FILE_BYTES = 5_000_000
const MAX_RULE_SECONDS = 60
const REPORT = 'report.json'

export const semgrep: ToolSpec<SemgrepInput, SemgrepReport> = {
  tool: 'semgrep',
  answers: [0, 1],
  outputs: [REPORT],
  argv: ({source, rules}, scratch) => [
    'scan',
    ...rules.flatMap((rule) => ['--config', rule]),
    '--metrics=off',
    '--disable-version-check',
    '--oss-only',
    // Without it the account of what was skipped is left out.
    '--verbose',
    '--error',
    '--no-rewrite-rule-ids',
    '--disable-nosem',
    '--no-git-ignore',
    '--x-ignore-semgrepignore-files',
    '--max-target-bytes',
    String(MAX_FILE_BYTES),
    '--timeout',
    String(MAX_RULE_SECONDS),
    '--timeout-threshold',
    '0',
    ...EXCLUDED.flatMap((name) => ['--exclude', name]),
    `--json-output=${scratch}/${REPORT}`,
    source,
  ],
  env: (_input, scratch) => ({
    SEMGREP_SEND_METRICS: 'off',
    SEMGREP_ENABLE_VERSION_CHECK: '0',
    SEMGREP_SETTINGS_FILE: `${scratch}/settings.yml`,
    SEMGREP_LOG_FILE: `${scratch}/semgrep.log`,
    SEMGREP_VERSION_CACHE_PATH: `${scratch}/version`,
  }),
  parse: ({exitCode, files}, {source}) => {
    const bytes = files.get(REPORT)
    if (bytes === undefined) throw new AppError('tool.output', 'semgrep ended well, but wrote no report')
    const report = readSemgrepReport(bytes, source)
    if (exitCode === 1 && report.matches.length === 0) {
      throw new AppError('tool.output', 'semgrep says by its exit code that it found something, but its report is empty')
    }
    return report
  },
}
