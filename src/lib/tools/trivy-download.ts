/** Trivy as the downloader of its own databases. Pure. */
import type {ToolSpec} from '../ports/tools.ts'

export interface TrivyDownload {
  /** Folder that becomes `--cache-dir` of later scans. */
  readonly cache: string
  readonly database: 'vulnerabilities' | 'java'
  /** `HOST/REPO[:TAG]`; default: where Trivy's authors publish. */
  readonly repository?: string
}

const CONFIG = 'trivy.yaml'

export const trivyDownload: ToolSpec<TrivyDownload, undefined> = {
  tool: 'trivy',
  answers: [0],
  outputs: [],
  inputs: () => new Map([[CONFIG, Buffer.from('{}\n')]]),
  argv: ({cache, database, repository}, scratch) => {
    const [only, from] = database === 'java' ? ['--download-java-db-only', '--java-db-repository'] : ['--download-db-only', '--db-repository']
    return [
      'image',
      only,
      ...(repository === undefined ? [] : [from, repository]),
      '--config',
      `${scratch}/${CONFIG}`,
      '--cache-dir',
      cache,
      '--skip-version-check',
      '--disable-telemetry',
      '--no-progress',
    ]
  },
  parse: () => undefined,
}
