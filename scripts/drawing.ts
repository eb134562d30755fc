/** The two tables of `docs/architecture.md` as data: which layers there are, and which room lies in which. */

export interface Layer {
  readonly name: string
  /** By layer: all of it, its types alone, or only through `import()`. */
  readonly mayImport: ReadonlyMap<string, 'values' | 'types' | 'dynamic'>
  readonly mayUse: (builtin: string) => boolean
}

export interface Room {
  readonly layer: string
  /** Below `src/`; a folder ends with a slash. */
  readonly path: string
  readonly alsoImports: readonly string[]
  readonly packages: readonly string[]
}

export interface Drawing {
  readonly layers: ReadonlyMap<string, Layer>
  readonly rooms: readonly Room[]
}

export function readDrawing(markdown: string): Drawing {
  const layers = new Map(
    tableUnder(markdown, '## Layers').map(([name = '', mayImport = '', builtins = '']) => [
      name,
      {name, mayImport: readMayImport(mayImport), mayUse: readMayUse(builtins)},
    ]),
  )
  const rooms = tableUnder(markdown, '## Rooms').map(([layer = '', path = '', , also = '', packages = '']) => {
    return {layer, path: ticked(path)[0] ?? '', alsoImports: ticked(also), packages: ticked(packages)}
  })
  for (const room of rooms) if (!layers.has(room.layer)) throw new Error(`docs/architecture.md: ${room.path} lies in the unknown layer ${room.layer}`)
  return {layers, rooms}
}

/** The room of a file below `src/`: the longest path that fits. */
export function roomOf(rooms: readonly Room[], file: string): Room | undefined {
  const fitting = rooms.filter(({path}) => (path.endsWith('/') ? file.startsWith(path) : file === path))
  return fitting.toSorted((a, b) => b.path.length - a.path.length)[0]
}

function readMayImport(cell: string): Layer['mayImport'] {
  return new Map(
    cell.split(',').map((part) => {
      const [, how, layer = ''] = /^(types of |import\(\) of )?(\w+)$/.exec(part.trim()) ?? []
      if (layer === '') throw new Error(`docs/architecture.md: cannot read "${part.trim()}" under "may import"`)
      return [layer, how === undefined ? 'values' : how.startsWith('types') ? 'types' : 'dynamic']
    }),
  )
}

function readMayUse(cell: string): Layer['mayUse'] {
  const named = ticked(cell)
  return (builtin) => cell === 'all' || named.includes(builtin)
}

/** The cells of the first table after a heading, without its head. */
function tableUnder(markdown: string, heading: string): string[][] {
  const lines = markdown.slice(markdown.indexOf(`\n${heading}\n`) + 1).split('\n')
  const from = lines.findIndex((line) => line.startsWith('|'))
  const rows = lines.slice(from + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end === -1 ? rows.length : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function ticked(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => (text === undefined ? [] : [text]))
}
