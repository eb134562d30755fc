/** Invented jobs, in the form that the platforms' documentation gives: variables, and the claims of the token. */

export const COMMIT = '0123456789abcdef0123456789abcdef01234567'

export const GITHUB_ENV = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_RUN_ID: '1658821493',
  GITHUB_SHA: COMMIT,
} as const

export const GITHUB_CLAIMS = {
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository: 'acme/app',
  repository_id: '74',
  repository_owner: 'acme',
  repository_owner_id: '65',
  ref: 'refs/heads/main',
  sha: COMMIT,
  event_name: 'push',
  workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main',
  job_workflow_ref: 'acme/builders/.github/workflows/secure-build.yml@refs/tags/v3',
  runner_environment: 'github-hosted',
  run_id: '1658821493',
  run_attempt: '2',
  actor: 'ada',
  actor_id: '12',
} as const

export const GITLAB_ENV = {
  GITLAB_CI: 'true',
  CI_SERVER_URL: 'https://gitlab.example.com',
  CI_PROJECT_PATH: 'health/app',
  CI_PIPELINE_ID: '455',
  CI_COMMIT_SHA: COMMIT,
} as const

export const GITLAB_CLAIMS = {
  sub: 'project_path:health/app:ref_type:branch:ref:main',
  project_path: 'health/app',
  project_id: '28',
  namespace_id: '1',
  ref: 'main',
  ref_type: 'branch',
  ref_path: 'refs/heads/main',
  sha: COMMIT,
  ci_config_ref_uri: 'gitlab.example.com/health/app//.gitlab-ci.yml@refs/heads/main',
  pipeline_id: '455',
  pipeline_source: 'push',
  job_id: '1123',
  runner_id: 1,
  runner_environment: 'self-hosted',
  user_login: 'ada',
} as const
