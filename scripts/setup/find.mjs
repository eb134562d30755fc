/**
 * Looks for a tool in an allowed version on PATH, by the rules of `src/lib/toolbox`: absolute folders only, none inside
 * the checkout, no node_modules/.bin. What a file answered is remembered by its size and times: asking Semgrep takes seconds.
 */
import {spawnSync} from 'node:child_process'
import {accessSync, constants, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {delimiter, isAbsolute, join, sep} from 'node:path'
import {fileURLToPath} from 'node:url'
import {isAllowed} from './versions.mjs'

/** @returns {string | undefined} the path of the first `tool` whose version is allowed */
export function findOnPath(tool, {root, toolchain, cache}) {
  const entry = toolchain.tools[tool]
  if (entry.probe === undefined) return undefined
  const checkout = realpathSync(fileURLToPath(root))
  return candidates(tool, checkout).find((path) => {
    const version = rememberedVersion(path, entry.probe, cache)
    return version !== undefined && isAllowed(version, entry)
  })
}

function candidates(tool, checkout) {
  const name = process.platform === 'win32' ? `${tool}.exe` : tool
  const found = []
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder) || folder.includes(join('node_modules', '.bin'))) continue
    try {
      const path = realpathSync(join(folder, name))
      accessSync(path, constants.X_OK)
      if (statSync(path).isFile() && !`${path}${sep}`.startsWith(`${checkout}${sep}`)) found.push(path)
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(error.code)) throw error
    }
  }
  return found
}

function rememberedVersion(path, probe, cache) {
  const file = join(cache, 'found.json')
  const {size, mtimeMs, ctimeMs} = statSync(path)
  const stamp = `${size}-${mtimeMs}-${ctimeMs}`
  const known = readKnown(file)
  if (known[path]?.stamp === stamp) return known[path].version
  const version = askVersion(path, probe)
  mkdirSync(cache, {recursive: true})
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({...known, [path]: {stamp, version: version ?? null}}, null, 2))
  renameSync(`${file}.${process.pid}`, file)
  return version
}

/** @returns {string | undefined} what `path` says its version is */
export function askVersion(path, probe) {
  const {stdout, status} = spawnSync(path, probe.argv, {
    encoding: 'utf8',
    timeout: 60_000,
    env: {...process.env, ...probe.env},
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (status !== 0) return undefined
  return new RegExp(probe.pattern, 'm').exec(stdout)?.[1]
}

function readKnown(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Absent or torn: only a memory, filled again.
    return {}
  }
}
