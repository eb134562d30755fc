/** The modules of `src/` as a graph. */
import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, posix} from 'node:path'
import {blank} from './blank.ts'
import {importsOf, type Import} from './imports.ts'

export interface Edge extends Import {
  /** Path below `src/` of what is imported; undefined for a package. */
  readonly target: string | undefined
  /** Package or built-in module that is imported; undefined within `src/`. */
  readonly from: string | undefined
}

export interface Module {
  /** Below `src/`, with `/`. */
  readonly file: string
  readonly lines: number
  /** The text without comments and strings. */
  readonly code: string
  readonly edges: readonly Edge[]
}

export function readModules(src: string): Module[] {
  return readdirSync(src, {recursive: true, encoding: 'utf8'})
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => readModule(src, file))
}

function readModule(src: string, file: string): Module {
  const source = readFileSync(join(src, file), 'utf8')
  const edges = importsOf(source).map((found) => {
    const inside = found.specifier.startsWith('.')
    return {...found, target: inside ? posix.join(dirname(file), found.specifier) : undefined, from: inside ? undefined : packageOf(found.specifier)}
  })
  return {file, lines: source.split('\n').length - 1, code: blank(source, false), edges}
}

/** `@scope/name/path` -> `@scope/name`; built-in modules whole. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Every cycle once, as `a -> b -> a`. Types count: a circle of types is a circle of ideas. */
export function cyclesOf(modules: readonly Module[]): string[] {
  const targets = new Map(modules.map(({file, edges}) => [file, edges.flatMap(({target}) => (target === undefined ? [] : [target]))]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start !== -1) return void cycles.push([...path.slice(start), file].join(' -> '))
    if (done.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const {file} of modules) visit(file, [])
  return cycles
}
