/** Where set-up puts what it builds: HIPAA_CI_CACHE, else `hipaa-ci` in XDG_CACHE_HOME or ~/.cache. `scripts/setup/cache.mjs` says the same. */
import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

export function cacheFolder(env: Environment): string {
  const own = env['HIPAA_CI_CACHE']
  if (own !== undefined && own !== '') return resolve(own)
  const xdg = env['XDG_CACHE_HOME']
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'hipaa-ci')
}
