/**
 * Which CI platform this is, by the variables that it sets. Pure.
 *
 * The table is that of `ci-info`; its code is not used, because it judges
 * `process.env` once, when it is imported.
 */
import vendors from 'ci-info/vendors.json' with {type: 'json'}
import type {Environment} from './claims.ts'

/** A condition of the table: a variable that is set, one that contains something, one of several, or exact values. */
type Condition = string | Readonly<Record<string, unknown>>

/** `github-actions`, `gitlab-ci`, `jenkins`, …; `ci` where only the customary variable `CI` says so; undefined on a workstation. */
export function ciVendor(env: Environment): string | undefined {
  if (isSet(env, 'GITHUB_ACTIONS')) return 'github-actions'
  if (isSet(env, 'GITLAB_CI')) return 'gitlab-ci'
  if (env['CI'] === 'false') return undefined
  const vendor = vendors.find((candidate) => [candidate.env].flat().every((condition: Condition) => holds(env, condition)))
  if (vendor !== undefined) return vendor.constant.toLowerCase().replaceAll('_', '-')
  return isSet(env, 'CI') ? 'ci' : undefined
}

function holds(env: Environment, condition: Condition): boolean {
  if (typeof condition === 'string') return isSet(env, condition)
  const {env: variable, includes, any} = condition
  if (typeof variable === 'string') return typeof includes === 'string' && env[variable]?.includes(includes) === true
  if (Array.isArray(any)) return any.some((candidate) => typeof candidate === 'string' && isSet(env, candidate))
  return Object.entries(condition).every(([key, value]) => env[key] === value)
}

function isSet(env: Environment, variable: string): boolean {
  return (env[variable] ?? '') !== ''
}
