/**
 * What the surroundings say about this job: platform, source, actor, change. Pure.
 *
 * Variables are claims, not proofs: every basis is `claimed`. A value that is
 * empty or does not fit its type in the record is left out, never bent.
 */
import type {CiFacts} from '../ports/context.ts'
import {authorsOf, lacksAuthors, name, type Environment} from './claims.ts'
import type {GitFacts} from './git.ts'
import {githubFacts} from './github.ts'
import {gitlabFacts} from './gitlab.ts'
import {repositoryName} from './repository-name.ts'
import {ciVendor} from './vendor.ts'

/** The machine, as its operating system calls it. */
export interface Host {
  readonly name: string
  readonly user: string
}

/** @param git undefined where the working folder is under no version control */
export function ciFacts(environment: Environment, git: GitFacts | undefined, host: Host): CiFacts {
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const vendor = ciVendor(env)
  if (vendor === 'github-actions') return githubFacts(env, git)
  if (vendor === 'gitlab-ci') return gitlabFacts(env, git)

  const repository = repositoryName(git?.remote)
  const platform = vendor ?? 'workstation'
  const place = vendor === undefined || repository === undefined ? `${platform}#${host.name}` : `${repository}#${platform}`
  const user = name(host.user)
  return {
    platform,
    ci: vendor !== undefined,
    source: name(place) ?? platform,
    // On a runner the operating system's user is nobody in particular.
    actor: vendor === undefined && user !== undefined ? {human: {id: user, issuer: name(host.name) ?? 'workstation', basis: 'claimed'}} : {},
    change: {
      ...(repository !== undefined && {repository}),
      ...(git?.commit !== undefined && {commit: git.commit}),
      ...(git?.ref !== undefined && {ref: git.ref}),
      authors: authorsOf(git?.authors),
    },
    ...(git?.dirty === true && {dirty: true}),
    ...lacksAuthors(git),
  }
}

/** The commit that the platform says it runs for: the one whose authors `gatherGit` looks up. */
export function claimedCommit(env: Environment): string | undefined {
  const vendor = ciVendor(env)
  return vendor === 'github-actions' ? env['GITHUB_SHA'] : vendor === 'gitlab-ci' ? env['CI_COMMIT_SHA'] : undefined
}
