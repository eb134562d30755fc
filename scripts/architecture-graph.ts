/** The layers and rooms of `docs/architecture.md` as a Mermaid graph, out of its own tables. Pure. */
import type {Drawing, Room} from './drawing.ts'

export function architectureGraph({layers, rooms}: Drawing): string {
  const top = [...layers.values()].toReversed()
  const boxes = top.flatMap(({name}) => [
    `  subgraph L${name}["${name}"]`,
    ...rooms.filter(({layer}) => layer === name).map((room) => `    ${id(room.path)}["${shown(room.path)}"]`),
    '  end',
  ])
  const down = top.flatMap(({name, mayImport}) =>
    [...mayImport].flatMap(([there, how]) =>
      there === name ? [] : [`  L${name} ${how === 'values' ? '-->' : `-. ${how === 'types' ? 'types' : 'import()'} .->`} L${there}`],
    ),
  )
  const across = rooms.flatMap((room) => room.alsoImports.map((there) => `  ${id(room.path)} --> ${id(there)}`))
  return ['```mermaid', 'flowchart TD', ...boxes, ...down, ...across, '```'].join('\n')
}

function id(path: Room['path']): string {
  return path.replaceAll(/\W+/g, '_')
}

function shown(path: Room['path']): string {
  return path.replace(/^lib\//, '')
}
