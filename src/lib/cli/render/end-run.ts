import type {EndRunResult} from '../../actions/evidence/end-run.ts'
import {MARKS, shortDigest} from './marks.ts'

export function renderEndRun({runid, record, jobs, gaps, stoppedBy}: EndRunResult): string {
  const width = Math.max(...jobs.map(({job}) => job.length))
  return [
    gaps.length === 0 ? `${MARKS.verified} run ${runid} has ended; nothing is missing` : `${MARKS.missing} run ${runid} has ended, and is not complete`,
    ...jobs.map(({job, count, last}) => `  ${job.padEnd(width)}  ${count} ${count === 1 ? 'record' : 'records'}, the last ${shortDigest(last)}`),
    ...gaps.map(({code, message}) => `  ${MARKS.missing} ${message}  (${code})`),
    ...(stoppedBy === undefined ? [] : [`  stopped by the gate of record ${stoppedBy}: what comes after a gate was not owed`]),
    `  record ${record}`,
  ].join('\n')
}
