/**
 * Builds one tool into its folder of the cache. Go tools are linked into a scratch folder and moved; a venv cannot be
 * moved, so it is made in place. Either is finished only when its version was asked for and its stamp written.
 */
import {copyFileSync, mkdirSync, renameSync, rmSync, statfsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {finish, program, toolFolder} from './cache.mjs'
import {SetupFault, lastLines, runChild} from './child.mjs'
import {askVersion} from './find.mjs'
import {goEnvironment} from './go.mjs'
import {usablePython, venvEnvironment} from './python.mjs'
import {startClock} from './talk.mjs'

/** What a large Go build needs while it runs, in MB: modules and object files of three tools. */
const SPARE_GO_MB = 8000
const SPARE_VENV_MB = 1000

/** @throws SetupFault which names the tool, why, and how to install it by hand */
export async function build(tool, context) {
  const entry = context.toolchain.tools[tool]
  const folder = toolFolder(tool, context)
  const what = `${entry.build.go ? 'building' : 'installing'} ${tool} ${entry.version}`
  const end = startClock(what)
  try {
    requireSpace(context.cache, entry.build.go ? SPARE_GO_MB : SPARE_VENV_MB)
    rmSync(folder, {recursive: true, force: true})
    const needs = entry.build.go ? await buildGo(tool, folder, context) : await buildVenv(tool, folder, context)
    checkVersion(tool, folder, entry)
    finish(folder, {tool, version: entry.version, ...(needs === undefined ? {} : {needs})}, entry.digest)
  } catch (error) {
    end('failed')
    rmSync(folder, {recursive: true, force: true})
    if (!(error instanceof SetupFault)) throw error
    throw new SetupFault(
      `${tool} ${entry.version} could not be had: ${error.message}\n  by hand: ${entry.manual}\n  then put it on PATH, and run this again (what was built stays)`,
    )
  }
  end('done')
}

async function buildGo(tool, folder, context) {
  const {package: name, ldflags, env: extra, files = {}} = context.toolchain.tools[tool].build.go
  const scratch = join(context.cache, 'tmp')
  const made = join(scratch, 'made')
  mkdirSync(scratch, {recursive: true})
  const env = {...(await goEnvironment(context)), ...extra}
  const cwd = sourceOf(tool, context)
  await succeed('go', ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', program(made, tool), name], {cwd, env})
  for (const [file, {module, path}] of Object.entries(files)) await copyFromModule({module, path}, join(made, file), {cwd, env})
  mkdirSync(dirname(folder), {recursive: true})
  renameSync(made, folder)
}

/** What a module has beside its code, and its program does not bring. */
async function copyFromModule({module, path}, to, options) {
  const folder = (await succeed('go', ['list', '-m', '-f', '{{.Dir}}', module], options)).trim()
  mkdirSync(dirname(to), {recursive: true})
  copyFileSync(join(folder, path), to)
}

async function buildVenv(tool, folder, context) {
  const python = await usablePython(context)
  const {requirements} = context.toolchain.tools[tool].build.venv
  const env = venvEnvironment()
  mkdirSync(dirname(folder), {recursive: true})
  await succeed(python, ['-m', 'venv', folder], {cwd: dirname(folder), env})
  const own = program(folder, 'python')
  const argv = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--require-hashes',
    '--only-binary',
    ':all:',
    '-r',
    requirements,
  ]
  await succeed(own, argv, {cwd: sourceOf(tool, context), env})
  // The venv is a link to this very interpreter.
  return python
}

function checkVersion(tool, folder, {probe, version}) {
  if (probe === undefined) return
  const answered = askVersion(program(folder, tool), probe)
  if (answered !== version) throw new SetupFault(`it was built, but says its version is ${answered ?? 'nothing that can be read'}`)
}

async function succeed(file, argv, options) {
  const {status, output} = await runChild(file, argv, options)
  if (status !== 0) throw new SetupFault(`${file} ${argv.slice(0, 3).join(' ')} ended with ${status}\n${lastLines(output)}`)
  return output
}

function requireSpace(cache, wanted) {
  const {bavail, bsize} = statfsSync(cache)
  const free = Math.floor((bavail * bsize) / 1_000_000)
  if (free < wanted) throw new SetupFault(`${cache} has ${free} MB free, and ${wanted} MB are needed while it is built (HIPAA_CI_CACHE names another folder)`)
}

/** Tools that are built from one module share a folder. */
function sourceOf(tool, {root, toolchain}) {
  return join(fileURLToPath(root), 'toolchain', toolchain.tools[tool].source ?? tool)
}
