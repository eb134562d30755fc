/**
 * `npm run check`: every check that is no test, each an npm script of its own.
 *
 * All of them run, so that one round shows every fault; what a step printed is
 * shown only where it failed. Exit 1 if any failed.
 */
import {spawnSync} from 'node:child_process'
import process from 'node:process'
import {fileURLToPath} from 'node:url'

/** `build` stands before `publint`, which looks at what the build made. */
const STEPS = ['typecheck', 'lint', 'format:check', 'knip', 'schema:check', 'docs:check', 'build', 'publint']

const failed = STEPS.filter((step) => !passes(step))
process.stdout.write(failed.length === 0 ? `\nall ${STEPS.length} checks passed\n` : `\nfailed: ${failed.join(', ')}; run one alone with npm run NAME\n`)
process.exitCode = failed.length === 0 ? 0 : 1

function passes(step: string): boolean {
  const began = Date.now()
  const {status, stdout, stderr, error} = spawnSync('npm', ['run', '--silent', step], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    env: {...process.env, ...(process.stdout.isTTY ? {} : {NO_COLOR: '1'})},
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const passed = status === 0
  process.stdout.write(`  ${passed ? 'ok  ' : 'FAIL'} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${step}\n`)
  if (!passed) process.stdout.write(`${error?.message ?? ''}${stdout}${stderr}\n`)
  return passed
}
