/** What variables claim about a job, replaced by what its token proves. Pure. */
import type {CiFacts} from '../ports/context.ts'
import type {VerifiedJob} from '../ports/verified-job.ts'
import {name} from './claims.ts'

/** Who wrote the change is git's word still. */
export function verifiedFacts(facts: CiFacts, job: VerifiedJob): CiFacts {
  const repository = withoutScheme(job.repository)
  const source = name(`${repository}#${job.definition.path}`)
  return {
    ...facts,
    platform: job.platform,
    ci: true,
    ...(source !== undefined && {source}),
    runUrl: job.runUrl,
    actor: job.actor,
    change: {...facts.change, ...(repository.length <= 256 && {repository}), commit: job.commit, ref: job.ref},
    verified: job,
  }
}

function withoutScheme(address: string): string {
  return address.replace(/^https:\/\//, '')
}
