/**
 * YAML text, like that of `hipaa-ci.yaml`, as plain values that still know their lines. Pure.
 *
 * What would make a line say something else than it seems to (aliases, tags,
 * directives, doubled keys) is a fault, not a feature.
 */
import {isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, visit, isNode, type Document} from 'yaml'

/** From the top of a document to a value in it. */
export type Path = readonly (string | number)[]

interface Position {
  /** From 1. */
  readonly line: number
  readonly column: number
}

interface TextFault {
  readonly position: Position
  readonly message: string
}

export interface ConfigDocument {
  /** Undefined where there are faults. */
  readonly value: unknown
  readonly faults: readonly TextFault[]
  /** Where the value at `path` stands; of a value that is missing, what it is missing from. */
  readonly valueAt: (path: Path) => Position
  /** Where the key at `path` stands. */
  readonly keyAt: (path: Path) => Position
}

const START: Position = {line: 1, column: 1}
const DEEPEST = 64

export function readDocument(text: string): ConfigDocument {
  const lines = new LineCounter()
  const place = (offset: number | undefined): Position => {
    if (offset === undefined) return START
    const {line, col} = lines.linePos(offset)
    return line === 0 ? START : {line, column: col}
  }
  const deep = {value: undefined, faults: [{position: START, message: 'is nested too deeply'}], valueAt: () => START, keyAt: () => START}
  if (isDeep(text)) return deep
  try {
    const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, uniqueKeys: false, strict: true, version: '1.2'})
    if (document.errors.some(({code}) => code === 'RESOURCE_EXHAUSTION')) return deep
    const faults = [
      ...[...document.errors, ...document.warnings].map(({message, pos}) => ({position: place(pos[0]), message: sentence(message)})),
      ...refusedNodes(document, place),
    ]
    return {
      value: faults.length > 0 ? undefined : document.toJS({maxAliasCount: 0}),
      faults,
      valueAt: (path) => place(find(document, path)?.value),
      keyAt: (path) => place(find(document, path)?.key),
    }
  } catch (error) {
    // The reader recurses, also over nesting that has no brackets.
    if (error instanceof RangeError) return deep
    throw error
  }
}

/** Looked at before reading: the reader takes seconds to give up on a hundred thousand brackets. */
function isDeep(text: string): boolean {
  let depth = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1
    if (token === ']' || token === '}') depth -= 1
    if (depth > DEEPEST) return true
  }
  return false
}

function refusedNodes(document: Document, place: (offset: number | undefined) => Position): TextFault[] {
  const faults: TextFault[] = []
  const refuse = (node: unknown, message: string) => faults.push({position: place(start(node)), message})
  if (document.directives?.yaml.explicit === true) refuse(undefined, 'a %YAML directive is not allowed here')
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const {key} of map.items) {
        if (!isScalar(key) || typeof key.value !== 'string') refuse(key, 'a key must be text; put it in quotes')
        else if (key.value === '__proto__') refuse(key, 'unknown key __proto__')
        else if (seen.has(key.value)) refuse(key, `the key ${key.value} is there twice`)
        else seen.add(key.value)
      }
    },
    Alias(_, alias) {
      refuse(alias, `the alias *${alias.source} is not allowed: write out what it stands for`)
    },
    Node(_, node) {
      if (!isAlias(node) && node.tag !== undefined) refuse(node, `the tag ${node.tag} is not allowed`)
    },
  })
  return faults
}

/** Offsets of key and value at `path`, or of the nearest thing above it that is there. */
function find(document: Document, path: Path): {key: number | undefined; value: number | undefined} {
  let node: unknown = document.contents
  let found = {key: start(node), value: start(node)}
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({key}) => isScalar(key) && key.value === step)
      if (pair === undefined) return found
      const key = start(pair.key)
      node = pair.value
      // Of a mapping, the line of its key says more than the line of its first member.
      found = {key, value: isScalar(node) ? (start(node) ?? key) : key}
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      if (node === undefined) return found
      found = {key: start(node), value: start(node)}
    } else return found
  }
  return found
}

function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

/** The reader's own words, as we speak: no capital, no advice about its interface. */
function sentence(message: string): string {
  const first = message.split('; please use')[0] ?? message
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`
}
