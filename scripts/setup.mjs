/**
 * Makes a checkout ready: the pinned Node, the locked packages, then the tools. `npm test` and `npm run demo` run it first.
 *
 *   node scripts/setup.mjs                 everything
 *   node scripts/setup.mjs --only node     Node and the packages
 *   node scripts/setup.mjs --only demo     these, and the tools of the demo
 *   node scripts/setup.mjs --tools a,b     these tools, and neither Node nor packages
 *   node scripts/setup.mjs … --plan        says what there is to do, and does nothing
 *
 * Rules: any Node >= 18 and no package, because nothing is installed when it first runs. A step that is done costs
 * a look at its stamp. What is half done looks undone. Talk goes to stderr. Nothing is downloaded but by npm, go and pip.
 */
import {readFileSync} from 'node:fs'
import {cacheFolder, finished, sweep, toolFolder} from './setup/cache.mjs'
import {build} from './setup/build.mjs'
import {SetupFault, endChildren} from './setup/child.mjs'
import {findOnPath} from './setup/find.mjs'
import {dropGoCaches, hasGoCaches} from './setup/go.mjs'
import {withLock} from './setup/lock.mjs'
import {installNode, nodeIsReady} from './setup/node.mjs'
import {duration, say} from './setup/talk.mjs'

const root = new URL('..', import.meta.url)
const toolchain = JSON.parse(readFileSync(new URL('src/lib/tools/toolchain.json', root), 'utf8'))

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => {
    endChildren()
    say(`interrupted; run it again, it goes on where it stopped`)
    process.exit(130)
  })

try {
  await main(options(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof SetupFault)) throw error
  say(error.message)
  process.exitCode = 1
}

async function main({node: wantsNode, tools, plan, whole}) {
  const started = Date.now()
  const cache = cacheFolder(process.env)
  const context = {root, toolchain, cache}
  const due = () => ({node: wantsNode && !nodeIsReady(context), tools: tools.filter((tool) => !isThere(tool, context))})

  const first = due()
  const isReady = !first.node && first.tools.length === 0
  if (plan) return say(isReady ? 'nothing to do' : planText(first, cache))
  // Object files and modules outlive a set-up that is killed, and go when every tool is there.
  if (isReady && !(whole && hasGoCaches(cache))) return

  await withLock(cache, async () => {
    // Another set-up may have done it while this one waited.
    const {node, tools: missing} = due()
    if (node || missing.length > 0) say(planText({node, tools: missing}, cache))
    if (node) await installNode(context)
    sweep(cache)
    for (const tool of missing) await build(tool, context)
    if (whole) dropGoCaches(cache)
  })
  say(`ready in ${duration(Date.now() - started)}`)
}

/** A good version on PATH, or one that was built here before. */
function isThere(tool, context) {
  return finished(toolFolder(tool, context)) || findOnPath(tool, context) !== undefined
}

function planText({node, tools}, cache) {
  const entries = tools.map((tool) => ({tool, ...toolchain.tools[tool]}))
  const seconds = entries.reduce((sum, {estimate}) => sum + estimate.seconds, node ? 20 : 0)
  const lines = entries.map(({tool, version, build: how, use, estimate}) => {
    const verb = how.go ? 'build  ' : 'install'
    return `  ${verb} ${`${tool} ${version}`.padEnd(22)} about ${duration(estimate.seconds * 1000).padStart(5)}, ${String(estimate.megabytes).padStart(3)} MB  (${use})`
  })
  if (node) lines.unshift(`  install ${`node ${toolchain.node.version}`.padEnd(22)} about   20 s, and the locked npm packages`)
  return [`to do, once, about ${duration(seconds * 1000)} in all on two cores${tools.length > 0 ? `; tools go to ${cache}` : ''}`, ...lines].join('\n')
}

function options(argv) {
  const known = Object.keys(toolchain.tools)
  const result = {node: true, tools: known, plan: false, whole: true}
  for (let at = 0; at < argv.length; at += 1) {
    const [flag, attached] = argv[at].split('=', 2)
    const value = () => attached ?? argv[(at += 1)] ?? ''
    if (flag === '--plan') result.plan = true
    else if (flag === '--only') Object.assign(result, only(value(), known))
    else if (flag === '--tools') Object.assign(result, these(value(), known))
    else throw new SetupFault(`unknown option ${argv.join(' ')}\nusage: node scripts/setup.mjs [--only node|demo] [--tools ${known.join(',')}] [--plan]`)
  }
  return result
}

function only(part, known) {
  if (part === 'node') return {tools: [], whole: false}
  if (part === 'demo') return {tools: known.filter((name) => toolchain.tools[name].demo)}
  throw new SetupFault(`--only ${part}: known are node, demo`)
}

function these(text, known) {
  const tools = chosen(text, known)
  return {node: false, tools, whole: tools.length === known.length}
}

function chosen(text, known) {
  const names = text.split(',').filter(Boolean)
  const unknown = names.filter((name) => !known.includes(name))
  if (names.length === 0 || unknown.length > 0) throw new SetupFault(`--tools ${text}: known are ${known.join(', ')}`)
  return known.filter((name) => names.includes(name))
}
