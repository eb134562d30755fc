/**
 * Where this job's identity token comes from, and who alone may have issued it. Pure.
 *
 * Rules: the issuer follows from the platform and its server, so what the
 * environment can choose is a server of its own, and that one's name then stands
 * in all that is verified. No offer is a fact; half an offer is an error.
 */
import {AppError} from '../errors.ts'
import type {Environment} from './claims.ts'
import {ciVendor} from './vendor.ts'

/** What the token must be meant for. */
export const AUDIENCE = 'hipaa-ci'
/** GitLab jobs ask for their tokens in advance; this one is asked for to sign. */
const SIGSTORE_AUDIENCE = 'sigstore'

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

interface Offer {
  readonly issuer: string
  /** Enterprises may have an issuer of their own, one path below. */
  readonly below: boolean
  /** Any of these. */
  readonly audiences: readonly string[]
  /** Claims that variables of the job say, too: a token that says otherwise is another job's. */
  readonly expected: Readonly<Record<string, string>>
}

export type TokenOffer =
  /** To be had at `address`, by who has `bearer`. */
  | (Offer & {readonly platform: 'github-actions'; readonly address: string; readonly bearer: string})
  | (Offer & {readonly platform: 'gitlab-ci'; readonly token: string})

/** @throws AppError `identity.invalid` where the offer is incomplete */
export function tokenOffer(environment: Environment): TokenOffer | undefined {
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const vendor = ciVendor(env)
  return vendor === 'github-actions' ? githubOffer(env) : vendor === 'gitlab-ci' ? gitlabOffer(env) : undefined
}

export function isIssuer({issuer, below}: Pick<Offer, 'issuer' | 'below'>, claimed: string): boolean {
  return claimed === issuer || (below && claimed.startsWith(`${issuer}/`) && /^[A-Za-z0-9-]{1,64}$/.test(claimed.slice(issuer.length + 1)))
}

/** The address of the platform that a token of `issuer` speaks for. */
export function serverOf(issuer: string): string {
  const url = new URL(issuer)
  if (url.origin === GITHUB_ISSUER) return 'https://github.com'
  if (/^token\.actions\.[a-z0-9-]+\.ghe\.com$/.test(url.host)) return `https://${url.host.slice('token.actions.'.length)}`
  return issuer.replace(/\/_services\/token$/, '')
}

function githubOffer(env: Environment): TokenOffer | undefined {
  const [address, bearer] = [env['ACTIONS_ID_TOKEN_REQUEST_URL'], env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']]
  if (address === undefined && bearer === undefined) return undefined
  if (address === undefined || bearer === undefined)
    throw new AppError('identity.invalid', `ACTIONS_ID_TOKEN_REQUEST_${address === undefined ? 'URL' : 'TOKEN'} is not set, though its companion is`)
  const server = serverAddress(env, 'GITHUB_SERVER_URL', 'https://github.com')
  return {
    platform: 'github-actions',
    ...githubIssuer(server),
    audiences: [AUDIENCE],
    expected: named(env, {repository: 'GITHUB_REPOSITORY', run_id: 'GITHUB_RUN_ID', sha: 'GITHUB_SHA'}),
    address,
    bearer,
  }
}

/** github.com and its enterprise clouds have a host for tokens, an enterprise server has a path. */
function githubIssuer({origin, host}: URL): Pick<Offer, 'issuer' | 'below'> {
  if (host === 'github.com') return {issuer: GITHUB_ISSUER, below: true}
  if (/^[a-z0-9-]+\.ghe\.com$/.test(host)) return {issuer: `https://token.actions.${host}`, below: true}
  return {issuer: `${origin}/_services/token`, below: false}
}

function gitlabOffer(env: Environment): TokenOffer | undefined {
  const token = env['SIGSTORE_ID_TOKEN']
  if (token === undefined) return undefined
  const server = serverAddress(env, 'CI_SERVER_URL', 'https://gitlab.com')
  return {
    platform: 'gitlab-ci',
    issuer: server.href.replace(/\/$/, ''),
    below: false,
    audiences: [AUDIENCE, SIGSTORE_AUDIENCE],
    expected: named(env, {project_path: 'CI_PROJECT_PATH', pipeline_id: 'CI_PIPELINE_ID', sha: 'CI_COMMIT_SHA'}),
    token,
  }
}

function serverAddress(env: Environment, variable: string, usual: string): URL {
  const text = env[variable] ?? usual
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new AppError('identity.invalid', `${variable} is not the https address of a server, so nobody can say whose token is to be believed`)
  return url
}

function named(env: Environment, variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).flatMap(([claim, variable]) => (env[variable] === undefined ? [] : [[claim, env[variable]]])))
}
