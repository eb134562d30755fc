/** What to type or do about what a scan could not look at, or found: the exact command where it is known. */
import {REASONS} from '../../errors.ts'
import type {ScanProblem} from './scan-problem.ts'

/** The parts of a request that are typed again. */
interface Asked {
  readonly target: string
  readonly repository?: string
  readonly command?: 'pipeline'
}

/** @param fixes of the gate's reasons. That there is a list is no advice to who has it. */
export function scanFixes(fixes: readonly string[], problems: readonly ScanProblem[], request: Asked): string[] {
  const own = problems.flatMap(({fix}) => fix ?? [])
  const told = fixes.filter((fix) => fix !== REASONS['scan.incomplete'].fix)
  return [...new Set([...own, ...told.map((fix) => asTyped(fix, request))])]
}

function asTyped(fix: string, request: Asked): string {
  return fix.replace(/^hipaa-ci scan (?=<image>)/, `hipaa-ci ${request.command ?? 'scan'} `).replaceAll('<image>', () => imageArgument(request))
}

/** Without its repository, a layout would be another image. */
function imageArgument({target, repository}: Asked): string {
  return repository === undefined || target.startsWith(`${repository}@`) ? target : `${target} --repository ${repository}`
}
