/**
 * The pinned Node of `toolchain/node`, then the locked packages under that Node, then `node_modules/.bin/node` and `hipaa-ci`:
 * npm puts that folder first on PATH, so every later script of the same `npm test` runs on the pinned Node.
 */
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, delimiter, dirname, join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import {SetupFault, lastLines, runChild} from './child.mjs'
import {startClock} from './talk.mjs'
import {satisfies} from './versions.mjs'

export function nodeIsReady(context) {
  const steps = installs(context)
  if (!steps.every(isInstalled)) return false
  return wantedLinks(context).every(({path, target}) => lstatSync(path, {throwIfNoEntry: false})?.isSymbolicLink() === true && readlinkSync(path) === target)
}

/** @throws SetupFault where npm fails, or no Node of this machine will do */
export async function installNode(context) {
  const [node, packages] = installs(context)
  if (!isInstalled(node)) await install(node, process.execPath)
  const usable = usableNode(context)
  if (!isInstalled(packages)) await install(packages, usable)
  for (const {path, target} of wantedLinks(context)) {
    rmSync(path, {force: true})
    symlinkSync(target, path)
  }
}

function installs({root}) {
  const path = fileURLToPath(root)
  const node = join(path, 'toolchain', 'node')
  return [
    {what: 'the pinned Node', folder: node, inputs: ['package.json', 'package-lock.json'].map((name) => join(node, name))},
    {what: 'the npm packages', folder: path, inputs: [join(path, 'package-lock.json'), join(path, '.npmrc'), join(node, 'package-lock.json')]},
  ]
}

function isInstalled({folder, inputs}) {
  const stamp = stampOf(folder)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(inputs)
}

async function install({what, folder, inputs}, node) {
  // Before npm begins: an install that is killed half-way must not keep the stamp of the last one.
  rmSync(stampOf(folder), {force: true})
  const wanted = digestOf(inputs)
  const end = startClock(`installing ${what} (npm ci)`)
  const [file, argv] = npm(node, ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'])
  const {status, output} = await runChild(file, argv, {cwd: folder, env: {...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`}})
  if (status !== 0) {
    end('failed')
    throw new SetupFault(`npm ci failed in ${folder} (${status}):\n${lastLines(output)}\n  to see more: cd ${folder} && npm ci`)
  }
  mkdirSync(dirname(stampOf(folder)), {recursive: true})
  writeFileSync(stampOf(folder), wanted)
  end('done')
}

function stampOf(folder) {
  return join(folder, 'node_modules', '.setup-stamp')
}

function digestOf(inputs) {
  const digest = createHash('sha256').update(`${process.platform}-${process.arch}\n`)
  for (const file of inputs) digest.update(readFileSync(file))
  return digest.digest('hex')
}

/** The npm that started us, else the one on PATH. */
function npm(node, argv) {
  const cli = process.env.npm_execpath
  if (cli !== undefined && basename(cli) === 'npm-cli.js') return [node, [cli, ...argv]]
  if (process.platform !== 'win32') return ['npm', argv]
  // npm.cmd cannot be started without a shell; its script lies beside node.exe.
  return [node, [join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'), ...argv]]
}

function pinnedNode({root}) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  return join(fileURLToPath(root), 'toolchain', 'node', 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** The pinned Node where it runs on this machine, else the running one where it is allowed. */
function usableNode(context) {
  const pinned = pinnedNode(context)
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned
  const {range, manual} = context.toolchain.node
  if (satisfies(process.versions.node, range)) return process.execPath
  throw new SetupFault(`no pinned Node runs on ${process.platform}-${process.arch}, and Node ${process.versions.node} is not in ${range}: ${manual}`)
}

/** The pinned Node, and our own command beside it: with that folder first on PATH `hipaa-ci` runs from the checkout. */
function wantedLinks(context) {
  if (process.platform === 'win32') return []
  const root = fileURLToPath(context.root)
  const folder = join(root, 'node_modules', '.bin')
  const pinned = pinnedNode(context)
  const own = {path: join(folder, 'hipaa-ci'), target: relative(folder, join(root, 'bin', 'run.js'))}
  return existsSync(pinned) ? [{path: join(folder, 'node'), target: relative(folder, pinned)}, own] : [own]
}
