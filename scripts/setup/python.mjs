/** A Python that can make a venv, and the variables pip runs under. */
import {SetupFault, runChild} from './child.mjs'
import {satisfies} from './versions.mjs'

const NAMES = process.platform === 'win32' ? ['python'] : ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.14', 'python3']
const QUESTION = 'import sys, venv, ensurepip; print("found", ".".join(map(str, sys.version_info[:3])), sys.executable)'

/**
 * The absolute path of the first Python in range that has venv and pip. Each is run: a name on PATH may be a
 * version manager's stand-in that only says it is not installed.
 * @throws SetupFault
 */
export async function usablePython({root, toolchain: {python}}) {
  const tried = []
  for (const name of NAMES) {
    const {status, output} = await runChild(name, ['-c', QUESTION], {cwd: root, env: venvEnvironment()})
    const [, version, path] = /^found (\S+) (.+)$/m.exec(output) ?? []
    if (status === 0 && version !== undefined && satisfies(version, python.range)) return path.trim()
    if (status !== 'ENOENT') tried.push(`${name}: ${version ?? output.trim().split('\n').at(-1) ?? status}`)
  }
  throw new SetupFault(`no Python in ${python.range} with venv and pip${tried.length > 0 ? ` (${tried.join('; ')})` : ''}: ${python.manual}`)
}

/** Without what would send packages elsewhere than into the venv; index, proxy and certificate settings stay. */
export function venvEnvironment() {
  const {
    PYTHONPATH: _path,
    PYTHONHOME: _home,
    PIP_TARGET: _target,
    PIP_PREFIX: _prefix,
    PIP_REQUIRE_VIRTUALENV: _venv,
    PIP_NO_BINARY: _source,
    ...rest
  } = process.env
  return {...rest, PIP_USER: '0'}
}
