/** Which Go builds the tools, and the variables it runs under. */
import {freemem} from 'node:os'
import {SetupFault, lastLines, runChild} from './child.mjs'
import {satisfies} from './versions.mjs'

/** Below this much free memory packages are compiled one after another: the largest takes nearly 2 GB. */
const ROOMY_BYTES = 6e9

/**
 * The environment for `go build`. Where the installed Go is not in the allowed range, the pinned one is asked for,
 * which Go (1.21 or later) fetches by itself.
 * @throws SetupFault where there is no Go that will do
 */
export async function goEnvironment({root, toolchain: {go}}) {
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
  }
  const installed = await installedGo(root, env, go.manual)
  if (satisfies(installed, go.range)) return env
  const pinned = {...env, GOTOOLCHAIN: `go${go.version}`}
  const {status, output} = await runChild('go', ['version'], {cwd: root, env: pinned})
  if (status === 0) return pinned
  throw new SetupFault(
    `Go ${installed} is installed, ${go.range} is needed (${go.why}), and Go ${go.version} could not be fetched:\n${lastLines(output, 5)}\n  ${go.manual}`,
  )
}

async function installedGo(cwd, env, manual) {
  const {status, output} = await runChild('go', ['env', 'GOVERSION'], {cwd, env})
  const found = /^go(\d+\.\d+)(\.\d+)?/m.exec(output)
  if (status === 'ENOENT') throw new SetupFault(`there is no go on PATH: ${manual}`)
  if (status !== 0 || found === null) throw new SetupFault(`go env GOVERSION ended with ${status}:\n${lastLines(output, 5)}\n  ${manual}`)
  return `${found[1]}${found[2] ?? '.0'}`
}
