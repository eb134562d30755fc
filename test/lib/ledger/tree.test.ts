import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import fc from 'fast-check'
import {append, EMPTY_TREE, leafHash, nodeHash, rootOf, type Tree} from '../../../src/lib/ledger/tree.ts'

/** The eight leaves that Certificate Transparency's own tests use, and the roots of the first n of them. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the tree of RFC 6962', () => {
  it('has the known roots of the known leaves', () => {
    assert.deepEqual(
      ROOTS.map((_, size) => rootOf(grow(LEAVES.slice(0, size).map((leaf) => Buffer.from(leaf, 'hex'))))),
      ROOTS,
    )
  })

  it('has the root of the recursive definition, and a frontier of perfect subtrees, whatever is appended', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({maxLength: 8}), {maxLength: 70}), (leaves) => {
        const tree = grow(leaves)
        assert.equal(tree.size, leaves.length)
        assert.equal(rootOf(tree), naive(leaves))
        assert.equal(tree.frontier.length, leaves.length.toString(2).replaceAll('0', '').length)
      }),
    )
  })

  it('keeps leaves and nodes apart', () => {
    const node = nodeHash(leafHash(Buffer.from('a')), leafHash(Buffer.from('b')))
    const forged = Buffer.from(leafHash(Buffer.from('a')) + leafHash(Buffer.from('b')), 'hex')
    assert.notEqual(node, leafHash(forged))
  })

  it('goes on beyond 32 bits', () => {
    const full: Tree = {size: 2 ** 40 - 1, frontier: Array.from({length: 40}, () => leafHash(Buffer.from('x')))}
    assert.deepEqual([append(full, leafHash(Buffer.from('y'))).frontier.length, append(full, '00').size], [1, 2 ** 40])
  })
})

function grow(leaves: readonly Uint8Array[]): Tree {
  return leaves.reduce<Tree>((tree, leaf) => append(tree, leafHash(leaf)), EMPTY_TREE)
}

/** MTH as section 2.1 defines it: split at the largest power of two below the size. */
function naive(leaves: readonly Uint8Array[]): string {
  const [first] = leaves
  if (first === undefined) return createHash('sha256').digest('hex')
  if (leaves.length === 1)
    return createHash('sha256')
      .update(Buffer.concat([Uint8Array.of(0), first]))
      .digest('hex')
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const halves = [leaves.slice(0, split), leaves.slice(split)].map((half) => Buffer.from(naive(half), 'hex'))
  return createHash('sha256')
    .update(Buffer.concat([Uint8Array.of(1), ...halves]))
    .digest('hex')
}
