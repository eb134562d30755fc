/**
 * A job of a CI platform as the command line sees it: variables, a repository of one commit, and an issuer of identity
 * tokens over TLS, as an enterprise server has it, so that nothing in the program has to know of the test.
 */
import {execFileSync} from 'node:child_process'
import process from 'node:process'
import {createAuthority} from '../certificates.ts'
import {REQUEST_TOKEN, startIssuer, type TestIssuer} from '../identity-issuer.ts'
import {GITHUB_CLAIMS} from '../lib/identity/claims.ts'
import type {Workspace} from './workspace.ts'

export interface TestBuilder {
  /** What it says of the job is `GITHUB_CLAIMS` of this commit, until a test says otherwise. */
  readonly issuer: TestIssuer
  /** Variables of the job. */
  readonly env: Readonly<Record<string, string>>
  readonly commit: string
  /** What provenance calls the builder. */
  readonly id: string
  stop(): Promise<void>
}

/** Commits the `hipaa-ci.yaml` of the workspace. */
export async function startBuilder(workspace: Workspace): Promise<TestBuilder> {
  const authority = createAuthority()
  const issuer = await startIssuer({tls: authority.issue(['localhost', 'code.hospital.example']), path: '/_services/token'})
  const commit = commitAll(workspace.folder)
  issuer.claims = {...GITHUB_CLAIMS, sha: commit}
  const env = {
    NODE_EXTRA_CA_CERTS: await workspace.write('.git/authority.pem', authority.cert),
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: issuer.origin,
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_RUN_ID: GITHUB_CLAIMS.run_id,
    GITHUB_SHA: commit,
    GITHUB_JOB: 'sign',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.origin}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
  }
  return {issuer, env, commit, id: `${issuer.origin}/${GITHUB_CLAIMS.job_workflow_ref}`, stop: async () => issuer.stop()}
}

/** A repository of one commit by somebody invented. @returns its id */
function commitAll(cwd: string): string {
  const env = {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_COMMITTER_NAME: 'Web', GIT_COMMITTER_EMAIL: 'web@example.com'}
  const git = (...args: string[]) => execFileSync('git', args, {cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}).trim()
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', 'hipaa-ci.yaml')
  git('commit', '--quiet', '--author', 'Grace <grace@example.com>', '-m', 'synthetic')
  return git('rev-parse', 'HEAD')
}
