import assert from 'node:assert/strict'
import fc from 'fast-check'
import {isConsistent} from '../../../src/lib/ledger/consistency.ts'
import {isIncluded} from '../../../src/lib/ledger/inclusion.ts'
import {createProver} from '../../../src/lib/ledger/prover.ts'
import {leafHash} from '../../../src/lib/ledger/tree.ts'
import {naiveConsistency, naivePath, naiveRoot} from '../../fakes/naive-tree.ts'

/** Data and roots that the implementations of RFC 6962 test themselves by. */
const KNOWN_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex'))
const KNOWN_ROOT_5 = '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'
const KNOWN_ROOT_8 = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
const KNOWN_PATH_0_OF_8 = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
]

const someLeaves = (count: number) => Array.from({length: count}, (_, at) => Buffer.from(`leaf ${at}`))
const sizes = fc.integer({min: 1, max: 70})

describe('proofs of the log', () => {
  it('agree with what others publish', () => {
    const {path, root} = proved(KNOWN_LEAVES, 0)
    assert.deepEqual([root, path], [KNOWN_ROOT_8, KNOWN_PATH_0_OF_8])
    assert.equal(proved(KNOWN_LEAVES.slice(0, 5), 0).root, KNOWN_ROOT_5)
    assert.deepEqual(continued(KNOWN_LEAVES, 1), KNOWN_PATH_0_OF_8)
  })

  it('are those of the definition, for every leaf and every older tree', () => {
    for (let size = 1; size <= 40; size += 1) {
      const leaves = someLeaves(size)
      for (let at = 0; at < size; at += 1) {
        const {path, root} = proved(leaves, at)
        assert.deepEqual([path, root], [naivePath(at, leaves), naiveRoot(leaves)], `leaf ${at} of ${size}`)
        assert.ok(isIncluded({index: at, size, leaf: leafHash(leaves[at] ?? Buffer.alloc(0)), path, root}))
      }
      for (let older = 0; older <= size; older += 1) {
        const path = continued(leaves, older)
        assert.deepEqual(path, naiveConsistency(older, leaves), `${older} to ${size}`)
        assert.ok(isConsistent({size: older, root: naiveRoot(leaves.slice(0, older))}, {size, root: naiveRoot(leaves)}, path), `${older} to ${size}`)
      }
    }
  })

  it('are made for several leaves and older trees in one pass', () => {
    const leaves = someLeaves(100)
    const prover = createProver()
    const paths = leaves.map((leaf) => {
      const whole = prover.followTree()
      const path = prover.followNext()
      prover.append(leafHash(leaf))
      return {whole, path}
    })
    assert.equal(prover.finish(), naiveRoot(leaves))
    paths.forEach(({whole, path}, at) => assert.deepEqual([whole, path], [naiveConsistency(at, leaves), naivePath(at, leaves)], `at ${at}`))
  })

  it('hold for no other leaf, place, size or root', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat({max: 80}), fc.integer({min: 1, max: 140}), (size, where, index, claimed) => {
        const leaves = someLeaves(size)
        const at = where % size
        const {path, root} = proved(leaves, at)
        const leaf = leafHash(leaves[at] ?? Buffer.alloc(0))
        const verdict = isIncluded({index, size, leaf, path, root})
        assert.equal(verdict, index === at)
        assert.equal(isIncluded({index: at, size, leaf: leafHash(Buffer.from('another')), path, root}), false)
        assert.equal(isIncluded({index: at, size, leaf, path, root: leafHash(Buffer.from('another'))}), false)
        // A size of another shape fails; one of the same shape is told apart by the signature over size and root.
        if (isIncluded({index: at, size: claimed, leaf, path, root})) assert.equal(naivePath(at, someLeaves(claimed)).length, path.length)
      }),
    )
  })

  it('fail with any bit changed, any hash left out, doubled or added', () => {
    fc.assert(
      fc.property(fc.integer({min: 2, max: 70}), fc.nat(), fc.nat(), fc.nat(), (size, where, hash, bit) => {
        const leaves = someLeaves(size)
        const at = where % size
        const {path, root} = proved(leaves, at)
        const leaf = leafHash(leaves[at] ?? Buffer.alloc(0))
        for (const wrong of mutations(path, hash, bit)) assert.equal(isIncluded({index: at, size, leaf, path: wrong, root}), false)

        const older = {size: 1 + (where % (size - 1)), root: naiveRoot(leaves.slice(0, 1 + (where % (size - 1))))}
        const newer = {size, root: naiveRoot(leaves)}
        for (const wrong of mutations(continued(leaves, older.size), hash, bit)) assert.equal(isConsistent(older, newer, wrong), false)
      }),
    )
  })

  it('show no log to continue one that it does not', () => {
    fc.assert(
      fc.property(fc.integer({min: 2, max: 60}), fc.nat(), fc.nat(), (size, where, changed) => {
        const leaves = someLeaves(size)
        const older = 1 + (where % (size - 1))
        const rewritten = leaves.map((leaf, at) => (at === changed % older ? Buffer.from('rewritten') : leaf))
        const newer = {size, root: naiveRoot(rewritten)}
        assert.equal(isConsistent({size: older, root: naiveRoot(leaves.slice(0, older))}, newer, continued(rewritten, older)), false)
      }),
    )
  })

  it('are refused for numbers that are none, or none that a tree can have', () => {
    const leaf = leafHash(Buffer.from('a'))
    for (const index of [-1, 1, 0.5, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY])
      assert.equal(isIncluded({index, size: 1, leaf, path: [], root: leaf}), false)
    for (const size of [0, -1, Number.NaN, 2 ** 60]) assert.equal(isIncluded({index: 0, size, leaf, path: [], root: leaf}), false)
    assert.equal(isConsistent({size: 2, root: leaf}, {size: 1, root: leaf}, []), false)
    assert.equal(isConsistent({size: 0, root: leaf}, {size: 1, root: leaf}, []), false)
    assert.equal(isConsistent({size: 4, root: leaf}, {size: 8, root: leaf}, []), false)
    assert.equal(isConsistent({size: 1.5, root: leaf}, {size: 8, root: leaf}, [leaf, leaf, leaf]), false)
  })

  it('are walked where the numbers have more than 32 bits', () => {
    // The last leaf, alone at the right of a perfect tree of 2^40: its only sibling is that tree.
    const index = 2 ** 40
    const [left, right] = [leafHash(Buffer.from('a tree')), leafHash(Buffer.from('last'))]
    assert.equal(isIncluded({index, size: index + 1, leaf: right, path: [left], root: nodeOf(left, right)}), true)
    assert.equal(isIncluded({index: 0, size: index + 1, leaf: right, path: [left], root: nodeOf(left, right)}), false)
  })
})

function nodeOf(left: string, right: string): string {
  const prover = createProver()
  prover.append(left)
  prover.append(right)
  return prover.finish()
}

function proved(leaves: readonly Uint8Array[], at: number): {path: readonly string[]; root: string} {
  const prover = createProver()
  let path: readonly string[] = []
  leaves.forEach((leaf, index) => {
    if (index === at) path = prover.followNext()
    prover.append(leafHash(leaf))
  })
  return {root: prover.finish(), path}
}

function continued(leaves: readonly Uint8Array[], older: number): readonly string[] {
  const prover = createProver()
  let path: readonly string[] = []
  leaves.forEach((leaf, index) => {
    if (index === older) path = prover.followTree()
    prover.append(leafHash(leaf))
  })
  prover.finish()
  return path
}

function mutations(path: readonly string[], at: number, bit: number): readonly (readonly string[])[] {
  const which = path.length === 0 ? 0 : at % path.length
  const flipped = path.map((hash, index) => (index === which ? flip(hash, bit) : hash))
  const more = [...path, leafHash(Buffer.from('more'))]
  return path.length === 0
    ? [more]
    : [flipped, path.filter((_, index) => index !== which), [...path, path[which] ?? ''], more, path.toSpliced(which, 0, path[which] ?? '')]
}

function flip(hash: string, bit: number): string {
  const bytes = Buffer.from(hash, 'hex')
  const at = bit % 256
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))
  return bytes.toString('hex')
}
