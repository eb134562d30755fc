/** A small log of made-up records, seal by seal, as a sealer writes it. */
import {foldSeal, isFault, START, type LogState} from '../../../src/lib/ledger/fold.ts'
import {leafOf} from '../../../src/lib/ledger/leaf-of.ts'
import {leafBytes, type Leaf} from '../../../src/lib/ledger/leaf.ts'
import {encodeSeal, type Seal, type StoredSeal} from '../../../src/lib/ledger/seal.ts'
import {totalsAfter} from '../../../src/lib/ledger/totals.ts'
import {append, leafHash, rootOf} from '../../../src/lib/ledger/tree.ts'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'

export const ORIGIN = 'acme.example/hipaa-evidence'

/** @param sizes entries of each seal */
export function logOf(sizes: readonly number[]): StoredSeal[] {
  const writer = new EvidenceWriter({put: async () => 'written'})
  const seals: StoredSeal[] = []
  let state = START
  for (const [index, size] of sizes.entries()) {
    const stored = sealAfter(
      state,
      Array.from({length: size}, () => leafFrom(writer)),
      `2026-03-${String(index + 10)}T00:00:00.000Z`,
    )
    const next = foldSeal(state, stored)
    if (isFault(next)) throw new Error(next.message)
    seals.push(stored)
    state = next
  }
  return seals
}

export function leafFrom(writer: EvidenceWriter): Leaf {
  const {key, bytes, record} = writer.seal('gate', {policy: hex('limits'), counts: {}, decision: 'pass', reasons: [], waivers: [], scans: []})
  return leafOf(key, {bytes, lastModified: record.time}, false)
}

/** @param change what is to be wrong with it */
export function sealAfter(state: LogState, entries: readonly Leaf[], sealedAt = '2026-03-09T00:00:00.000Z', change: Partial<Seal> = {}): StoredSeal {
  const tree = entries.reduce((grown, leaf) => append(grown, leafHash(leafBytes(leaf))), state.tree)
  const n = state.n + 1
  return encodeSeal({
    v: 1,
    n,
    origin: ORIGIN,
    ...(state.sha256 !== undefined && {prev: state.sha256}),
    size_before: state.tree.size,
    size_after: tree.size,
    root_before: state.root,
    root_after: rootOf(tree),
    sealed_at: sealedAt,
    sealer: 'test',
    entries: [...entries],
    frontier: [...tree.frontier],
    ...totalsAfter(state.totals, {n, entries: [...entries], sealed_at: sealedAt}),
    swept: {window: sealedAt, all: sealedAt},
    ...change,
  })
}
