/** The programs that set-up built for tests and the demo, in the cache folder. */
import {existsSync, readdirSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'

export type BuiltTool =
  | 'registry'
  | 'advisory-db'
  | 'local-kms'
  | 'connection-log'
  | 'timestamp-server'
  | 'slsa-verifier'
  | 'minio'
  | 'tlog-fsck'
  | 'etcd'
  | 'kube-apiserver'
  | 'kubectl'
  | 'gatekeeper'
  | 'constraint-engine'

/**
 * Absolute path of the newest finished build.
 * @throws where there is none: a missing part is a failure, never a skip
 */
export function builtTool(name: BuiltTool): string {
  return join(buildOf(name), 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/** A file that was built beside the program. */
export function builtFile(name: BuiltTool, file: string): string {
  return join(buildOf(name), file)
}

function buildOf(name: BuiltTool): string {
  const builds = join(cacheFolder(), 'tools', name)
  const newest = (existsSync(builds) ? readdirSync(builds) : [])
    .map((version) => join(builds, version))
    .filter((folder) => existsSync(join(folder, 'tool.json')))
    .toSorted()
    .at(-1)
  if (newest === undefined) throw new Error(`there is no ${name} in ${builds}: run \`npm run setup\``)
  return newest
}

/** HIPAA_CI_CACHE, else `hipaa-ci` in XDG_CACHE_HOME or ~/.cache; as `src/lib/toolbox` has it. */
function cacheFolder(): string {
  const {HIPAA_CI_CACHE: own, XDG_CACHE_HOME: xdg} = process.env
  return own || join(xdg || join(homedir(), '.cache'), 'hipaa-ci')
}
