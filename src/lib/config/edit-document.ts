/**
 * Changes a few values in YAML text and leaves every other byte as it is: comments, order, quotes, line ends. Pure.
 *
 * A policy file is reviewed by people, so a change must show as that change alone. The result is read again, and is
 * given back only if it says exactly what was meant.
 */
import {isMap, isNode, isScalar, isSeq, parseDocument, type Document, type Pair, type YAMLMap, type YAMLSeq} from 'yaml'
import {AppError} from '../errors.ts'
import type {Path} from './document.ts'
import {inline, type Plain} from './inline-yaml.ts'

export type DocumentEdit =
  /** Puts a value there, with what is missing above it. */
  | {readonly path: Path; readonly set: Plain}
  /** Adds to a list that is there. */
  | {readonly path: Path; readonly append: Plain}
  /** Takes out an item of a list or a key, which must not be the only one there; comments on lines of their own stay. */
  | {readonly path: Path; readonly remove: true}

interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** @param text that `readDocument` finds no fault with */
export function editDocument(text: string, edits: readonly DocumentEdit[]): string {
  return edits.reduce(editOnce, text)
}

function editOnce(text: string, edit: DocumentEdit): string {
  const document = parseDocument(text)
  const {from, to, text: piece} = spliceOf(text, document, edit)
  const edited = text.slice(0, from) + piece + text.slice(to)
  // The reader's own change of the same values, which would rewrite all lines, says what is meant.
  if ('append' in edit) document.addIn(edit.path, edit.append)
  else if ('remove' in edit) document.deleteIn(edit.path)
  else document.setIn(edit.path, edit.set)
  if (JSON.stringify(parseDocument(edited).toJS()) !== JSON.stringify(document.toJS()))
    throw new AppError('bug', `${edit.path.join('.')} could not be changed in place`)
  return edited
}

function spliceOf(text: string, document: Document, edit: DocumentEdit): Splice {
  if ('append' in edit) return appending(text, document, edit.path, edit.append)
  return 'remove' in edit ? removing(text, document, edit.path) : setting(text, document, edit.path, edit.set)
}

function setting(text: string, document: Document, path: Path, value: Plain): Splice {
  let node: unknown = document.contents
  for (const [at, step] of path.entries()) {
    if (isSeq(node)) {
      node = node.items[Number(step)]
      continue
    }
    if (!isMap(node)) throw unplaced(path)
    const pair = pairOf(node, step)
    const rest = path.slice(at + 1)
    if (pair === undefined) return newPair(text, node, `${inline(String(step))}: ${inline(nested(rest, value))}`)
    node = pair.value
    if (rest.length === 0 && isScalar(node)) {
      const [from, to] = rangeOf(node)
      return {from, to, text: from === to ? ` ${inline(value)}` : inline(value)}
    }
  }
  throw unplaced(path)
}

function appending(text: string, document: Document, path: Path, value: Plain): Splice {
  const seq = document.getIn(path)
  if (!isSeq(seq)) throw unplaced(path)
  const last = seq.items.at(-1)
  if (seq.flow === true) return insertInFlow(seq, last, inline(value))
  if (last === undefined) throw unplaced(path)
  return insertLine(text, endOf(last), `${indentAt(text, rangeOf(seq)[0])}- ${inline(value)}`)
}

function removing(text: string, document: Document, path: Path): Splice {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const step = path.at(-1)
  if (!isMap(parent) && !isSeq(parent)) throw unplaced(path)
  const pieces = isMap(parent)
    ? parent.items.map(({key, value}) => ({step: isScalar(key) ? key.value : undefined, start: rangeOf(key)[0], last: value ?? key}))
    : parent.items.map((item, at) => ({step: at, start: rangeOf(item)[0], last: item}))
  const at = pieces.findIndex((piece) => piece.step === step)
  const piece = pieces[at]
  if (piece === undefined) throw unplaced(path)
  if (parent.flow === true) {
    const [before, after] = [pieces[at - 1], pieces[at + 1]]
    if (after !== undefined) return {from: piece.start, to: after.start, text: ''}
    return {from: before === undefined ? piece.start : rangeOf(before.last)[1], to: rangeOf(piece.last)[1], text: ''}
  }
  const line = text.lastIndexOf('\n', piece.start - 1) + 1
  // Something else begins on the same line.
  if (!(isMap(parent) ? /^[ \t]*$/ : /^[ \t]*-[ \t]+$/).test(text.slice(line, piece.start))) throw unplaced(path)
  const stop = text.indexOf('\n', endOf(piece.last))
  return {from: line, to: stop === -1 ? text.length : stop + 1, text: ''}
}

function newPair(text: string, map: YAMLMap, pair: string): Splice {
  const last = map.items.at(-1)
  if (map.flow === true || last === undefined) return insertInFlow(map, last?.value ?? last?.key, pair)
  const [first] = map.items
  return insertLine(text, endOf(last.value ?? last.key), `${indentAt(text, rangeOf(first?.key)[0])}${pair}`)
}

function insertInFlow(collection: YAMLMap | YAMLSeq, last: unknown, piece: string): Splice {
  const at = last === undefined ? rangeOf(collection)[0] + 1 : rangeOf(last)[1]
  return {from: at, to: at, text: last === undefined ? piece : `, ${piece}`}
}

/** Behind the line in which `end` lies, and its comment. */
function insertLine(text: string, end: number, line: string): Splice {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const stop = text.indexOf('\n', end)
  const at = stop === -1 ? text.length : stop + 1
  return {from: at, to: at, text: stop === -1 ? `${newline}${line}` : `${line}${newline}`}
}

/** Where the text of a node ends, without the comments and empty lines behind it. */
function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1)
    return endOf(last?.value ?? last?.key)
  }
  if (isSeq(node) && node.flow !== true) return endOf(node.items.at(-1))
  const end = rangeOf(node)[1]
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') ? end - 1 : end
}

function indentAt(text: string, offset: number): string {
  return ' '.repeat(offset - (text.lastIndexOf('\n', offset - 1) + 1))
}

function pairOf(map: YAMLMap, step: string | number): Pair | undefined {
  return map.items.find(({key}) => isScalar(key) && key.value === step)
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : undefined
  if (range === null || range === undefined) throw new AppError('bug', 'a part of the document has no place')
  return [range[0], range[1]]
}

function nested([step, ...rest]: Path, value: Plain): Plain {
  return step === undefined ? value : {[step]: nested(rest, value)}
}

function unplaced(path: Path): AppError {
  return new AppError('bug', `${path.join('.')} has no place in the document`)
}
