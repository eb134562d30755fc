/** GitLab CI, by its predefined variables (docs.gitlab.com, ci/variables/predefined_variables). Pure. */
import type {CiFacts} from '../ports/context.ts'
import {authorsOf, claimed, code, commitId, lacksAuthors, name, projectPath, webAddress, type Environment} from './claims.ts'
import type {GitFacts} from './git.ts'

const DEFAULT_CONFIG = '.gitlab-ci.yml'

export function gitlabFacts(env: Environment, git: GitFacts | undefined): CiFacts {
  const server = webAddress(env['CI_SERVER_URL']) ?? 'https://gitlab.com'
  const project = projectPath(env['CI_PROJECT_PATH'])
  const repository = project === undefined ? undefined : name(`${new URL(server).host}/${project}`)
  const config = name(env['CI_CONFIG_PATH']) ?? DEFAULT_CONFIG
  const job = code(env['CI_JOB_NAME'])
  const runUrl = webAddress(env['CI_PIPELINE_URL'])
  const commit = commitId(env['CI_COMMIT_SHA'])
  const ref = fullRef(env)
  const human = claimed(person(env), server)
  const workload = claimed(env['CI_CONFIG_REF_URI'] ?? definition(repository, config, ref), server)
  return {
    platform: 'gitlab-ci',
    ci: true,
    source: name(`${repository ?? 'gitlab-ci'}#${config}`) ?? 'gitlab-ci',
    ...(job !== undefined && {job}),
    ...(runUrl !== undefined && {runUrl}),
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

/** As the identity token calls it (claim `ci_config_ref_uri`); older servers have no variable for it. */
function definition(repository: string | undefined, config: string, ref: string | undefined): string | undefined {
  return repository === undefined || ref === undefined ? undefined : `${repository}//${config}@${ref}`
}

function fullRef(env: Environment): string | undefined {
  const tag = name(env['CI_COMMIT_TAG'])
  const branch = name(env['CI_COMMIT_REF_NAME'])
  return tag === undefined
    ? (name(env['CI_MERGE_REQUEST_REF_PATH']) ?? (branch === undefined ? undefined : name(`refs/heads/${branch}`)))
    : name(`refs/tags/${tag}`)
}

/** Nobody acts on a schedule (the variable then names its owner), and an access token's account is no person. */
function person(env: Environment): string | undefined {
  const login = env['GITLAB_USER_LOGIN']
  return env['CI_PIPELINE_SOURCE'] === 'schedule' || /^(project|group)_\d+_bot/.test(login ?? '') ? undefined : login
}
