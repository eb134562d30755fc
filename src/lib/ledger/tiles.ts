/**
 * The log as files (C2SP tlog-tiles): bundles of 256 entries, and tiles of 256 hashes at every eighth level of the tree.
 * Pure but for its own state: fed leaf by leaf, it hands out each file as soon as it is full.
 */
import {AppError} from '../errors.ts'
import {MAX_LEAF_BYTES} from './leaf.ts'
import {append, EMPTY_TREE, leafHash, rootOf, type Tree} from './tree.ts'

/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256

export interface TileFile {
  /** `tile/0/x001/234.p/17`, `tile/entries/000` */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface Tiler {
  /** @param leaf its bytes. @returns what is full by it. @throws AppError `seal.false-leaf` where it is larger than an entry may be */
  append(leaf: Uint8Array): readonly TileFile[]
  /** The partial files of the tree as it is now, and its root in hex. */
  finish(): {readonly files: readonly TileFile[]; readonly root: string}
}

interface Level {
  readonly hashes: string[]
  /** How many tiles were full. */
  full: number
}

export function createTiler(): Tiler {
  const levels: Level[] = []
  let entries: Uint8Array[] = []
  let tree: Tree = EMPTY_TREE
  const levelAt = (level: number): Level => (levels[level] ??= {hashes: [], full: 0})

  /** A full tile is one hash of the level above. */
  const add = (level: number, hash: string): TileFile[] => {
    const at = levelAt(level)
    at.hashes.push(hash)
    if (at.hashes.length < TILE_WIDTH) return []
    const file = {path: tilePath(level, at.full), bytes: hashTile(at.hashes)}
    const above = rootOf(at.hashes.reduce(append, EMPTY_TREE))
    at.hashes.length = 0
    at.full += 1
    return [file, ...add(level + 1, above)]
  }

  return {
    append(leaf) {
      entries.push(entryOf(leaf))
      const hash = leafHash(leaf)
      tree = append(tree, hash)
      const bundle = entries.length < TILE_WIDTH ? [] : [{path: tilePath('entries', levelAt(0).full), bytes: Buffer.concat(entries)}]
      if (bundle.length > 0) entries = []
      return [...bundle, ...add(0, hash)]
    },
    finish() {
      const bundle = entries.length === 0 ? [] : [{path: tilePath('entries', levelAt(0).full, entries.length), bytes: Buffer.concat(entries)}]
      const tiles = levels.flatMap(({hashes, full}, level) =>
        hashes.length === 0 ? [] : [{path: tilePath(level, full, hashes.length), bytes: hashTile(hashes)}],
      )
      return {files: [...bundle, ...tiles], root: rootOf(tree)}
    },
  }
}

/** @param width of a partial tile, 1 to 255; undefined: it is full */
export function tilePath(level: number | 'entries', index: number, width?: number): string {
  const digits = String(index)
  const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  const name = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join('/')
  return `tile/${level}/${name}${width === undefined ? '' : `.p/${width}`}`
}

function hashTile(hashes: readonly string[]): Uint8Array {
  return Buffer.from(hashes.join(''), 'hex')
}

/** Its length as two bytes, the high one first, then itself. */
function entryOf(leaf: Uint8Array): Uint8Array {
  if (leaf.length > MAX_LEAF_BYTES) throw new AppError('seal.false-leaf', `a leaf of ${leaf.length} bytes is larger than an entry may be (${MAX_LEAF_BYTES})`)
  return Buffer.concat([Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf])
}
