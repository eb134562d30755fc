/**
 * Trivy: an image or folder in, packages and findings out. Pure.
 *
 * Nothing but its arguments decides what Trivy does: configuration, ignore
 * file and secret rules are our own and lie in the scratch folder, because
 * those in the working folder belong to the change under test. Its layer cache
 * stays in memory: on disk it answers by the digests that an image claims.
 */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'
import {readTrivyReport, type TrivyReport} from './trivy-report.ts'
import {SECRET_CONFIG} from './trivy-secret-config.ts'

/** What is scanned. An image in a registry is copied into a layout first. */
export type TrivySource =
  /** A layout that holds exactly one image: of several, Trivy takes the first and says nothing. */
  | {readonly kind: 'layout'; readonly path: string}
  | {readonly kind: 'docker-archive'; readonly path: string}
  /** `source` reads lock files, `installed` reads installed packages and Java archives: neither sees what the other does. */
  | {readonly kind: 'folder'; readonly path: string; readonly as: 'source' | 'installed'}

export type TrivyScanner = 'vuln' | 'secret' | 'misconfig'

export interface TrivyInput {
  readonly source: TrivySource
  readonly scanners: readonly TrivyScanner[]
  /** Folder with `db/` and `java-db/`; nothing is downloaded into it. */
  readonly cache: string
}

/** Findings exit with this code; 1 is a crash. */
const FOUND = 10
const REPORT = 'report.json'
const CONFIG = 'trivy.yaml'
const IGNORES = 'trivyignore'
const SECRETS = 'trivy-secret.yaml'

export const trivy: ToolSpec<TrivyInput, TrivyReport> = {
  tool: 'trivy',
  answers: [0, FOUND],
  outputs: [REPORT],
  inputs: () =>
    new Map([
      [CONFIG, Buffer.from('{}\n')],
      [IGNORES, Buffer.from('')],
      [SECRETS, Buffer.from(SECRET_CONFIG)],
    ]),
  argv: ({source, scanners, cache}, scratch) => [
    ...commandOf(source, scanners),
    '--config',
    `${scratch}/${CONFIG}`,
    '--ignorefile',
    `${scratch}/${IGNORES}`,
    '--secret-config',
    `${scratch}/${SECRETS}`,
    '--cache-dir',
    cache,
    '--cache-backend',
    'memory',
    '--scanners',
    scanners.join(','),
    '--list-all-pkgs',
    '--show-suppressed',
    '--exit-code',
    String(FOUND),
    '--format',
    'json',
    '--output',
    `${scratch}/${REPORT}`,
    '--timeout',
    '24h',
    ...OFFLINE,
  ],
  parse: ({exitCode, files, stderr}) => {
    const bytes = files.get(REPORT)
    if (bytes === undefined) throw new AppError('tool.output', 'trivy ended well, but wrote no report')
    const report = readTrivyReport(bytes, stderr)
    if (exitCode === FOUND && report.findings.length === 0 && report.suppressed === 0) {
      throw new AppError('tool.output', 'trivy says by its exit code that it found something, but its report is empty')
    }
    return report
  },
}

/** The run-time limit is the caller's (`ToolSpec.timeout`): Trivy's own of five minutes would cut a large image short. */
const OFFLINE = [
  '--offline-scan',
  '--skip-db-update',
  '--skip-java-db-update',
  '--skip-version-check',
  '--disable-telemetry',
  '--no-progress',
  '--skip-check-update',
] as const

function commandOf(source: TrivySource, scanners: readonly TrivyScanner[]): string[] {
  // Environment variables and the user stand in the image's configuration, not in its files.
  const config = scanners.filter((scanner) => scanner !== 'vuln').join(',')
  const inConfig = config === '' ? [] : ['--image-config-scanners', config]
  if (source.kind === 'folder') return [source.as === 'source' ? 'fs' : 'rootfs', source.path]
  return ['image', '--input', source.path, ...inConfig]
}
