/** GitHub Actions, by its default variables (docs.github.com, variables reference). Pure. */
import type {CiFacts} from '../ports/context.ts'
import {authorsOf, claimed, code, commitId, lacksAuthors, name, projectPath, webAddress, type Environment} from './claims.ts'
import type {GitFacts} from './git.ts'

export function githubFacts(env: Environment, git: GitFacts | undefined): CiFacts {
  const server = webAddress(env['GITHUB_SERVER_URL']) ?? 'https://github.com'
  const project = projectPath(env['GITHUB_REPOSITORY'])
  const repository = project === undefined ? undefined : name(`${new URL(server).host}/${project}`)
  const runUrl = webAddress(`${server}/${project ?? ''}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`)
  const job = jobName(env)
  const human = claimed(person(env), server)
  const workload = claimed(env['GITHUB_WORKFLOW_REF'], server)
  const commit = commitId(env['GITHUB_SHA'])
  const ref = name(env['GITHUB_REF'])
  return {
    platform: 'github-actions',
    ci: true,
    source: name(`${repository ?? 'github-actions'}#${workflow(env, project)}`) ?? 'github-actions',
    ...(job !== undefined && {job}),
    ...(project !== undefined && /^\d+$/.test(env['GITHUB_RUN_ID'] ?? '') && runUrl !== undefined && {runUrl}),
    actor: {...(human !== undefined && {human}), ...(workload !== undefined && {workload})},
    change: {
      ...(repository !== undefined && {repository}),
      ...(commit !== undefined && {commit}),
      ...(ref !== undefined && {ref}),
      authors: authorsOf(git?.authors),
    },
    ...(git?.dirty === true && {dirty: true}),
    ...lacksAuthors(git),
  }
}

/** `acme/app/.github/workflows/build.yml@refs/heads/main` -> `.github/workflows/build.yml` */
function workflow(env: Environment, project: string | undefined): string {
  const file = name(env['GITHUB_WORKFLOW_REF']?.split('@')[0])
  if (file === undefined) return name(env['GITHUB_WORKFLOW']) ?? 'workflow'
  return project !== undefined && file.startsWith(`${project}/`) ? file.slice(project.length + 1) : file
}

/** A rerun is another job of the same name: `scan#2`. */
function jobName(env: Environment): string | undefined {
  const job = code(env['GITHUB_JOB'])
  const attempt = Number(env['GITHUB_RUN_ATTEMPT'])
  return job !== undefined && Number.isSafeInteger(attempt) && attempt > 1 ? code(`${job}#${attempt}`) : job
}

/** Nobody acts on a schedule (the variable then names who last changed it), and an app is no person. */
function person(env: Environment): string | undefined {
  const login = env['GITHUB_TRIGGERING_ACTOR'] ?? env['GITHUB_ACTOR']
  return env['GITHUB_EVENT_NAME'] === 'schedule' || login?.endsWith('[bot]') === true ? undefined : login
}
