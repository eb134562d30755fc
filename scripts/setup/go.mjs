/** Which Go builds the tools, and the variables it runs under. */
import {existsSync, rmSync} from 'node:fs'
import {freemem} from 'node:os'
import {join} from 'node:path'
import {SetupFault, lastLines, runChild} from './child.mjs'
import {satisfies} from './versions.mjs'

/** Below this much free memory packages are compiled one after another: the largest takes nearly 2 GB. */
const ROOMY_BYTES = 6e9

/**
 * The environment for `go build`: object files go into our cache folder, and modules too where there is no module cache
 * yet, so that `dropGoCaches` leaves nothing behind on the machine of somebody who does not write Go. Where the installed Go is not in the allowed range, the pinned one is asked for,
 * which Go (1.21 or later) fetches by itself.
 * @throws SetupFault where there is no Go that will do
 */
export async function goEnvironment({root, toolchain: {go}, cache}) {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    // Not empty: an empty GOFLAGS falls back to what `go env -w` has stored.
    GOFLAGS: freemem() < ROOMY_BYTES ? '-mod=readonly -p=1' : '-mod=readonly',
    GOWORK: 'off',
    GO111MODULE: 'on',
    GOEXPERIMENT: '',
    GOOS: undefined,
    GOARCH: undefined,
    GOTOOLCHAIN: 'local',
    GOCACHE: goCaches(cache).objects,
    GOTMPDIR: goCaches(cache).scratch,
  }
  const {installed, modules} = await askGo(root, env, go.manual)
  // Modules are written read-only unless asked otherwise, and could then not be removed.
  const own = existsSync(modules) ? env : {...env, GOMODCACHE: goCaches(cache).modules, GOFLAGS: `${env.GOFLAGS} -modcacherw`}
  if (satisfies(installed, go.range)) return own
  const pinned = {...own, GOTOOLCHAIN: `go${go.version}`}
  const {status, output} = await runChild('go', ['version'], {cwd: root, env: pinned})
  if (status === 0) return pinned
  throw new SetupFault(
    `Go ${installed} is installed, ${go.range} is needed (${go.why}), and Go ${go.version} could not be fetched:\n${lastLines(output, 5)}\n  ${go.manual}`,
  )
}

/** Of no use once every tool is built, and by far the larger part. */
export function dropGoCaches(cache) {
  for (const folder of Object.values(goCaches(cache))) rmSync(folder, {recursive: true, force: true})
}

export function hasGoCaches(cache) {
  return Object.values(goCaches(cache)).some((folder) => existsSync(folder))
}

function goCaches(cache) {
  return {objects: join(cache, 'go-build'), modules: join(cache, 'go-modules'), scratch: join(cache, 'tmp')}
}

async function askGo(cwd, env, manual) {
  const {status, output} = await runChild('go', ['env', 'GOVERSION', 'GOMODCACHE'], {cwd, env})
  const [version = '', modules = ''] = output.trim().split(/\r?\n/)
  const found = /^go(\d+\.\d+)(\.\d+)?/.exec(version)
  if (status === 'ENOENT') throw new SetupFault(`there is no go on PATH: ${manual}`)
  if (status !== 0 || found === null) throw new SetupFault(`go env GOVERSION ended with ${status}:\n${lastLines(output, 5)}\n  ${manual}`)
  return {installed: `${found[1]}${found[2] ?? '.0'}`, modules}
}
