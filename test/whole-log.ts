/** What must hold of a store over which any number of sealers ran, were killed, and one was left alone at last. */
import assert from 'node:assert/strict'
import {checkpointKey, RECORDS, sealKey, SEALS} from '../src/lib/evidence/key.ts'
import {sha256Hex} from '../src/lib/evidence/record.ts'
import {checkpointFault, checkpointText, parseCheckpoint} from '../src/lib/ledger/checkpoint.ts'
import {foldSeal, isFault, START} from '../src/lib/ledger/fold.ts'
import type {Leaf} from '../src/lib/ledger/leaf.ts'
import type {VerifierKey} from '../src/lib/ledger/note.ts'
import {decodeSeal} from '../src/lib/ledger/seal.ts'
import type {EvidenceStore, ObjectVersion} from '../src/lib/ports/evidence-store.ts'
import {allOf} from './all-of.ts'

/** One log: each number once, each following from the one before, each signed; every record version in it once, as it is. */
export async function assertWholeLog(store: EvidenceStore, key: VerifierKey): Promise<{readonly seals: number; readonly records: number}> {
  const stored = await allOf(store.versions(SEALS))
  assert.deepEqual(
    stored.map((version) => version.key),
    stored.map((_, index) => sealKey(index + 1)),
  )
  const leaves: Leaf[] = []
  let state = START
  for (const {key: name} of stored) {
    const next = foldSeal(state, decodeSeal((await store.get(name)) ?? new Uint8Array(), name), (leaf) => leaves.push(leaf))
    assert.ok(!isFault(next), JSON.stringify(next))
    state = next
    const checkpoint = parseCheckpoint((await store.get(checkpointKey(state.n))) ?? '')
    assert.equal(checkpointFault(checkpoint, [key]), undefined)
    assert.equal(checkpointText(checkpoint), checkpointText({origin: key.name, size: state.tree.size, root: state.root}))
  }
  const there = await allOf(store.versions(RECORDS))
  assert.deepEqual(leaves.map(nameOf).toSorted(), there.map(nameOf).toSorted(), 'something is sealed twice, or left out')
  for (const {key: name, version, sha256, fault} of leaves) {
    assert.equal(sha256Hex((await store.read(name, version))?.bytes ?? ''), sha256)
    assert.equal(fault, undefined)
  }
  return {seals: stored.length, records: there.length}
}

function nameOf({key, version = ''}: Pick<ObjectVersion, 'key'> & {readonly version?: string | undefined}): string {
  return `${key} ${version}`
}
