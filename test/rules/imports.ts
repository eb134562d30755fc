/** Every import of a module's text: what, how, and whether only for its types. */
import {blank} from './blank.ts'

export interface Import {
  readonly specifier: string
  /** `import type`, `export type … from` and `typeof import()`: gone before anything runs. */
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

const STATIC = /^[ \t]*(?:import|export)\b(?<type>\s+type\b)?[\w\s{},*$]*?\bfrom\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/gm
const BARE = /^[ \t]*import\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/gm
const DYNAMIC = /(?<type>\btypeof\s+)?\bimport\s*\(\s*(?:(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>)?/g

/** @throws Error at an `import()` of anything but a literal: no rule could see where it leads */
export function importsOf(source: string): Import[] {
  const code = blank(source, true)
  const bare = blank(source, false)
  const found: Import[] = []
  for (const [pattern, dynamic] of [
    [STATIC, false],
    [BARE, false],
    [DYNAMIC, true],
  ] as const) {
    for (const match of code.matchAll(pattern)) {
      const keyword = match.index + match[0].search(/\S/)
      // Inside a string it is text about code.
      if (bare[keyword] === ' ') continue
      const specifier = match.groups?.['specifier']
      if (specifier === undefined) throw new Error(`import() of something computed: ${code.slice(keyword, keyword + 60)}`)
      found.push({specifier, dynamic, typeOnly: match.groups?.['type'] !== undefined})
    }
  }
  return found
}
