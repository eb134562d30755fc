import type {StartRunResult} from '../../actions/evidence/start-run.ts'

/** What a shell can `eval`: the variable, and the other jobs' files as comments. */
export function renderStartRun({files}: StartRunResult): string {
  const [own, ...others] = files.map(({job, path}) => ({job, line: `HIPAA_CI_RUN=${quote(path)}`}))
  return [`export ${own?.line ?? ''}`, ...others.map(({job, line}) => `# job ${job}: ${line}`)].join('\n')
}

/** @param platform `CiFacts.platform` */
export function startRunHint({runid, record, files}: StartRunResult, platform: string): string {
  const what = record === undefined ? `run ${runid} goes on` : `run ${runid} has started (record ${record})`
  const path = files[0]?.path ?? ''
  if (platform === 'github-actions') return `${what}; for later steps: echo "HIPAA_CI_RUN=${path}" >> "$GITHUB_ENV"`
  return `${what}; later commands are part of it once HIPAA_CI_RUN is ${path}`
}

function quote(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`
}
