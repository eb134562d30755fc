/**
 * Our cache folder: `tools/<tool>/<version>-<digest of what it is built from>/bin/<tool>`.
 * `tool.json` beside `bin` is written last: a folder without it is unfinished and never used. `src/lib/toolbox` reads the same layout.
 */
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, isAbsolute, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** HIPAA_CI_CACHE, else `hipaa-ci` in XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(env) {
  const {HIPAA_CI_CACHE: own, XDG_CACHE_HOME: xdg} = env
  if (own) return isAbsolute(own) ? own : join(process.cwd(), own)
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'hipaa-ci')
}

/** Where `tool` belongs; another pin, source or machine is another folder. */
export function toolFolder(tool, {root, toolchain, cache}) {
  const {version, build, digest: standsFor = [], source: folder = tool} = toolchain.tools[tool]
  const digest = createHash('sha256').update(
    JSON.stringify([1, process.platform, process.arch, version, build, build.go ? toolchain.go.version : null].concat(standsFor)),
  )
  const source = join(fileURLToPath(root), 'toolchain', folder)
  for (const file of readdirSync(source)
    .filter((name) => /\.(go|mod|sum|txt)$/.test(name))
    .sort())
    digest.update(`\n${file}\n`).update(readFileSync(join(source, file)))
  return join(cache, 'tools', tool, `${version}-${digest.digest('hex').slice(0, 12)}`)
}

/** The path of a tool's program inside its folder. */
export function program(folder, tool) {
  return join(folder, 'bin', process.platform === 'win32' ? `${tool}.exe` : tool)
}

/** The stamp is there, and the program is the one that it names, by size. Digests are compared where a tool is used. */
export function finished(folder) {
  const stamp = join(folder, 'tool.json')
  if (!existsSync(stamp)) return false
  try {
    const {tool, size, needs} = JSON.parse(readFileSync(stamp, 'utf8'))
    return statSync(program(folder, tool)).size === size && (needs === undefined || existsSync(needs))
  } catch {
    // A torn stamp, or a program that went away: unfinished, and built again.
    return false
  }
}

/**
 * Declares a folder finished.
 * @param {string} folder
 * @param {{tool: string, version: string, needs?: string}} facts needs: a file outside of the folder without which it is of no use
 * @param {string} [pattern] of the file whose digest stands for the tool, from the program's folder; default the program
 */
export function finish(folder, facts, pattern) {
  const path = program(folder, facts.tool)
  const [subject = path] = pattern === undefined ? [path] : matches(dirname(path), pattern.split('/'))
  const stamp = {...facts, size: statSync(path).size, sha256: createHash('sha256').update(readFileSync(subject)).digest('hex')}
  writeFileSync(join(folder, `tool.json.${process.pid}`), `${JSON.stringify(stamp, null, 2)}\n`)
  renameSync(join(folder, `tool.json.${process.pid}`), join(folder, 'tool.json'))
}

/** Paths below `folder` that fit `segments`, in which `*` stands for any letters. */
function matches(folder, [segment, ...rest]) {
  if (segment === undefined) return [folder]
  if (!segment.includes('*')) return existsSync(join(folder, segment)) ? matches(join(folder, segment), rest) : []
  const pattern = new RegExp(
    `^${segment
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .flatMap((name) => matches(join(folder, name), rest))
}

/** Removes what killed set-ups left. Only under the lock. */
export function sweep(cache) {
  const tools = join(cache, 'tools')
  rmSync(join(cache, 'tmp'), {recursive: true, force: true})
  if (!existsSync(tools)) return
  for (const tool of readdirSync(tools, {withFileTypes: true}).filter((entry) => entry.isDirectory()))
    for (const name of readdirSync(join(tools, tool.name))) {
      const folder = join(tools, tool.name, name)
      if (!existsSync(join(folder, 'tool.json'))) rmSync(folder, {recursive: true, force: true})
    }
}
