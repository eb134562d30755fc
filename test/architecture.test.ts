/** `docs/architecture.md` is the rule, `src/` is held to it. Each failure names the file and what it does. */
import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {assertNone} from './rules/assert-none.ts'
import {readDrawing, roomOf, type Room} from '../scripts/drawing.ts'
import {cyclesOf, readModules, type Edge, type Module} from './rules/modules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const {layers, rooms} = readDrawing(readFileSync(join(root, 'docs', 'architecture.md'), 'utf8'))
const modules = readModules(join(root, 'src'))

const MAX_LINES = 250
const MAX_COMMAND_LINES = 80
const MEDIAN_LINES = 70
/** Tables and the schema may grow past what a person reads at once. */
const LONG = new Set(['lib/errors.ts', 'lib/evidence/schema.ts', 'lib/evidence/details.ts'])
const NAMES_THAT_SAY_NOTHING = /^(utils?|helpers?|common|misc|shared|stuff|lib\d*)$/
/** What only the edges may touch: everything else is told the time, the ids and the settings by its context. */
const AMBIENT: readonly (readonly [string, RegExp])[] = [
  ['the clock', /\bnew Date\(\s*\)|\bDate\.now\(|\bperformance\.|\bset(?:Timeout|Interval|Immediate)\(/],
  ['chance', /\bMath\.random\(|\brandom(?:UUID|Bytes|Int|FillSync)\(/],
  ['the process', /\bprocess\./],
  ['the console', /\bconsole\./],
  ['the network', /(?<![\w.])fetch\(/],
  ['a hidden import', /(?<![\w.])require\(|\bcreateRequire\(|\bgetBuiltinModule\(/],
]
const AMBIENT_LAYERS = new Set(['0', '1', '2a', '3', '5'])

describe('the architecture', () => {
  it('places every file in a room', () => {
    assertNone(modules.filter(({file}) => roomOf(rooms, file) === undefined).map(({file}) => `src/${file} has no room in docs/architecture.md`))
  })

  it('draws no room that is not there', () => {
    assertNone(rooms.filter(({path}) => !existsSync(join(root, 'src', path))).map(({path}) => path))
  })

  it('lets imports point only where the layers allow', () => {
    assertNone(each((module, room, edge) => layerFault(module, room, edge)))
  })

  it('lets each room import only its own packages, and the built-in modules of its layer', () => {
    assertNone(each(packageFault))
  })

  it('names no package that a room does not import', () => {
    const used = new Set(each((_module, room, {from}) => (from === undefined ? undefined : `${room.path} ${from}`)))
    assertNone(rooms.flatMap(({path, packages}) => packages.map((name) => `${path} ${name}`)).filter((pair) => !used.has(pair)))
  })

  it('loads the edges only from a composition root', () => {
    assertNone(
      each(({file}, room, {dynamic, target}) => {
        const edge = dynamic && target !== undefined && roomOf(rooms, target)?.layer === '2b'
        return edge && room.layer === '4' && !file.endsWith('context.ts') ? `src/${file} loads src/${target}` : undefined
      }),
    )
  })

  it('imports nothing in a circle', () => {
    assertNone(cyclesOf(modules))
  })

  it('imports only files that are there', () => {
    assertNone(each(({file}, _room, {target}) => (target === undefined || existsSync(join(root, 'src', target)) ? undefined : `src/${file} -> ${target}`)))
  })

  it('keeps clock, chance, process, console and network to the edges', () => {
    const found = modules
      .filter(({file}) => AMBIENT_LAYERS.has(roomOf(rooms, file)?.layer ?? ''))
      .flatMap(({file, code}) => AMBIENT.filter(([, pattern]) => pattern.test(code)).map(([what]) => `src/${file} touches ${what}`))
    assertNone(found)
  })

  it('starts processes in one module only', () => {
    const found = each(({file}, _room, {from}) =>
      from === 'node:child_process' || (from === 'execa' && file !== 'lib/process.ts') ? `src/${file} imports ${from}` : undefined,
    )
    assertNone(found)
  })
})

describe('the source files', () => {
  it(`are no longer than ${MAX_LINES} lines`, () => {
    assertNone(modules.filter(({file, lines}) => lines > MAX_LINES && !LONG.has(file)).map(({file, lines}) => `src/${file}: ${lines}`))
  })

  it(`are half of them at most ${MEDIAN_LINES} lines`, () => {
    const lengths = modules.map(({lines}) => lines).toSorted((a, b) => a - b)
    assert.ok((lengths[Math.floor(lengths.length / 2)] ?? 0) <= MEDIAN_LINES)
  })

  it(`hold no command above ${MAX_COMMAND_LINES} lines`, () => {
    assertNone(modules.filter(({file, lines}) => file.startsWith('commands/') && lines > MAX_COMMAND_LINES).map(({file, lines}) => `src/${file}: ${lines}`))
  })

  it('let no command end without saying its exit code', () => {
    const silent = modules.filter(({file, code}) => file.startsWith('commands/') && !/return this\.conclude\(/.test(code))
    assertNone(silent.map(({file}) => `src/${file} never calls conclude()`))
  })

  it('have names that say something, in kebab case', () => {
    const parts = modules.flatMap(({file}) => file.split('/').map((part) => ({file, name: basename(part, '.ts')})))
    const found = parts.filter(({name}) => NAMES_THAT_SAY_NOTHING.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    assertNone(found.filter(({file, name}) => name !== 'lib' || !file.startsWith('lib/')).map(({file}) => `src/${file}`))
  })

  it('export by name, commands and hooks excepted', () => {
    const found = modules.filter(({file, code}) => /^export default\b/m.test(code) && !/^(commands|hooks)\//.test(file))
    assertNone(found.map(({file}) => `src/${file}`))
  })

  it('re-export nothing but in src/index.ts', () => {
    const found = modules.filter(({file, code}) => /^export\s+(type\s+)?(\*|\{[^}]*\})[^\n]*\bfrom\b/m.test(code) && file !== 'index.ts')
    assertNone(found.map(({file}) => `src/${file}`))
  })
})

describe('the tests', () => {
  it('lie where what they test lies', () => {
    const folders = new Set(modules.map(({file}) => dirname(file)))
    const tests = readdirSync(join(root, 'test'), {recursive: true, encoding: 'utf8'}).map((file) => file.replaceAll('\\', '/'))
    const lost = tests.filter((file) => /^(lib|commands)\/.*\.test\.ts$/.test(file) && !folders.has(dirname(file)))
    assertNone(lost.map((file) => `test/${file}: there is no src/${dirname(file)}`))
  })
})

/** What `judge` says of every import, without the silences. */
function each(judge: (module: Module, room: Room, edge: Edge) => string | undefined): string[] {
  return modules.flatMap((module) => {
    const room = roomOf(rooms, module.file)
    if (room === undefined) return []
    return module.edges.flatMap((edge) => judge(module, room, edge) ?? [])
  })
}

function layerFault(module: Module, room: Room, {target, typeOnly, dynamic}: Edge): string | undefined {
  const there = target === undefined ? undefined : roomOf(rooms, target)
  if (there === undefined || there === room || room.alsoImports.includes(there.path)) return undefined
  const how = layers.get(room.layer)?.mayImport.get(there.layer)
  if (how === 'values' || (how === 'types' && typeOnly) || (how === 'dynamic' && (dynamic || typeOnly))) return undefined
  const kind = typeOnly ? 'types of ' : dynamic ? 'by import() ' : ''
  return `src/${module.file} (${room.layer}) imports ${kind}src/${target} (${there.layer})`
}

function packageFault(module: Module, room: Room, {from}: Edge): string | undefined {
  if (from === undefined || room.packages.includes(from)) return undefined
  if (from.startsWith('node:') && layers.get(room.layer)?.mayUse(from) === true) return undefined
  return `src/${module.file} imports ${from}, which ${room.path} may not`
}
