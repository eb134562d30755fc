/** A job of GitLab CI by the verified claims of its token (docs.gitlab.com, ci/secrets/id_token_authentication). Pure. */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Principal} from '../evidence/schema.ts'
import type {RunDefinition, VerifiedJob} from '../ports/verified-job.ts'
import {name} from './claims.ts'
import {CommitClaim, FileAtRef, GitRef, LoginClaim, NumberClaim, ProjectPath, readClaims, WordClaim, type Claims} from './verified-claims.ts'

const GitlabClaims = z.object({
  project_path: ProjectPath,
  project_id: NumberClaim,
  namespace_id: NumberClaim,
  ref_path: GitRef,
  sha: CommitClaim,
  /** `gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main`; null where the definition lies outside of GitLab. */
  ci_config_ref_uri: FileAtRef,
  pipeline_id: NumberClaim,
  pipeline_source: WordClaim,
  job_id: NumberClaim,
  runner_environment: WordClaim,
  user_login: LoginClaim,
})

/** @throws AppError `identity.invalid` */
export function gitlabJob(claims: Claims, issuer: string): VerifiedJob {
  const said = readClaims(GitlabClaims, claims)
  const repository = `${issuer}/${said.project_path}`
  const principal = (id: string): Principal => ({id: name(id) ?? id, issuer, basis: 'token'})
  return {
    platform: 'gitlab-ci',
    issuer,
    repository,
    ref: said.ref_path,
    commit: said.sha,
    definition: definitionOf(said.ci_config_ref_uri, issuer),
    builder: `https://${said.ci_config_ref_uri}`,
    event: said.pipeline_source,
    runUrl: `${repository}/-/pipelines/${said.pipeline_id}`,
    invocation: `${repository}/-/jobs/${said.job_id}`,
    details: {
      pipeline_source: said.pipeline_source,
      project_id: said.project_id,
      namespace_id: said.namespace_id,
      runner_environment: said.runner_environment,
    },
    actor: {...(isPerson(said) && {human: principal(said.user_login)}), workload: principal(said.ci_config_ref_uri)},
  }
}

/** Two slashes part the project from the path. A definition from another server would be vouched for by this one all the same, so it is refused. */
function definitionOf(uri: string, issuer: string): RunDefinition {
  const here = `${issuer.slice('https://'.length)}/`
  const [, project, path, ref] = uri.startsWith(here) ? (/^([\w.-]+(?:\/[\w.-]+)+)\/\/(.+?)@(refs\/.+)$/.exec(uri.slice(here.length)) ?? []) : []
  if (project === undefined || path === undefined || ref === undefined)
    throw new AppError('identity.invalid', 'the identity token does not say which pipeline runs: its claim ci_config_ref_uri names no file of this server', {
      fix: 'Keep the pipeline definition in a project of the same GitLab server.',
    })
  return {repository: `${issuer}/${project}`, ref, path}
}

/** Nobody acts on a schedule, and an access token's account is no person. */
function isPerson({user_login: login, pipeline_source: source}: {readonly user_login: string; readonly pipeline_source: string}): boolean {
  return source !== 'schedule' && !/^(project|group)_\d+_bot/.test(login)
}
