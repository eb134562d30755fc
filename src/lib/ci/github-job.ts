/** A job of GitHub Actions by the verified claims of its token (docs.github.com, OpenID Connect reference). Pure. */
import {z} from 'zod'
import type {Principal} from '../evidence/schema.ts'
import type {RunDefinition, VerifiedJob} from '../ports/verified-job.ts'
import {AppError} from '../errors.ts'
import {name} from './claims.ts'
import {serverOf} from './token-offer.ts'
import {CommitClaim, FileAtRef, GitRef, LoginClaim, NumberClaim, ProjectPath, readClaims, WordClaim, type Claims} from './verified-claims.ts'

const GithubClaims = z.object({
  repository: ProjectPath,
  repository_id: NumberClaim,
  repository_owner_id: NumberClaim,
  ref: GitRef,
  sha: CommitClaim,
  event_name: WordClaim,
  workflow_ref: FileAtRef,
  job_workflow_ref: FileAtRef,
  runner_environment: WordClaim,
  run_id: NumberClaim,
  run_attempt: NumberClaim,
  actor: LoginClaim,
})

/** @throws AppError `identity.invalid` */
export function githubJob(claims: Claims, issuer: string): VerifiedJob {
  const said = readClaims(GithubClaims, claims)
  const server = serverOf(issuer)
  const repository = `${server}/${said.repository}`
  const runUrl = `${repository}/actions/runs/${said.run_id}`
  const principal = (id: string): Principal => ({id: name(id) ?? id, issuer: server, basis: 'token'})
  return {
    platform: 'github-actions',
    issuer,
    repository,
    ref: said.ref,
    commit: said.sha,
    definition: definitionOf(said.workflow_ref, said, server),
    builder: `${server}/${said.job_workflow_ref}`,
    event: said.event_name,
    runUrl,
    invocation: `${runUrl}/attempts/${said.run_attempt}`,
    details: {
      event_name: said.event_name,
      repository_id: said.repository_id,
      repository_owner_id: said.repository_owner_id,
      runner_environment: said.runner_environment,
    },
    actor: {...(isPerson(said) && {human: principal(said.actor)}), workload: principal(said.job_workflow_ref)},
  }
}

/** Path and ref may hold an `@`: where the ref is the run's own it tells where the path ends. A workflow may also be another repository's. */
function definitionOf(workflowRef: string, {repository, ref}: {readonly repository: string; readonly ref: string}, server: string): RunDefinition {
  const [before, after] = [`${repository}/`, `@${ref}`]
  if (workflowRef.startsWith(before) && workflowRef.endsWith(after))
    return {repository: `${server}/${repository}`, ref, path: workflowRef.slice(before.length, -after.length)}
  const [, owner, path, at] = /^([\w.-]+\/[\w.-]+)\/(.+?\.ya?ml)@(.+)$/.exec(workflowRef) ?? []
  if (owner === undefined || path === undefined || at === undefined)
    throw new AppError('identity.invalid', 'the identity token does not say which workflow runs: its claim workflow_ref is not what this platform writes')
  return {repository: `${server}/${owner}`, ref: at, path}
}

/** Nobody acts on a schedule, and an app is no person. */
function isPerson({actor, event_name: event}: {readonly actor: string; readonly event_name: string}): boolean {
  return event !== 'schedule' && !actor.endsWith('[bot]')
}
