import assert from 'node:assert/strict'
import {AppError} from '../../../src/lib/errors.ts'
import {createTiler, tilePath, type TileFile} from '../../../src/lib/ledger/tiles.ts'
import {naiveRoot} from '../../fakes/naive-tree.ts'

const leafAt = (index: number) => Buffer.from(`leaf ${index}`)

describe('the tiles of a log', () => {
  it('are named by three digits a folder', () => {
    const names = [0, 67, 999, 1000, 1_234_067, 10 ** 9].map((index) => tilePath(0, index))
    assert.deepEqual(names, ['tile/0/000', 'tile/0/067', 'tile/0/999', 'tile/0/x001/000', 'tile/0/x001/x234/067', 'tile/0/x001/x000/x000/000'])
    assert.deepEqual([tilePath('entries', 1_234_067, 8), tilePath(2, 0, 1)], ['tile/entries/x001/x234/067.p/8', 'tile/2/000.p/1'])
  })

  it('are as many as the specification counts for 70,000 leaves', () => {
    const files = tiled(70_000)
    const names = [...files.keys()]
    const count = (pattern: RegExp) => names.filter((name) => pattern.test(name)).length
    assert.deepEqual([count(/^tile\/0\/\d+$/), count(/^tile\/entries\/\d+$/), count(/^tile\/1\/\d+$/)], [273, 273, 1])
    assert.deepEqual(names.filter((name) => name.includes('.p/')).toSorted(), [
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
      'tile/entries/273.p/112',
    ])
    assert.equal(names.length, 273 * 2 + 1 + 4)
  })

  for (const size of [1, 2, 255, 256, 257, 600])
    it(`hold the leaves and their hashes, level by level: ${size}`, () => {
      const files = tiled(size)
      const entries = [...files].filter(([name]) => name.startsWith('tile/entries/')).flatMap(([, bytes]) => readBundle(bytes))
      assert.deepEqual(
        entries.map((bytes) => bytes.toString()),
        Array.from({length: size}, (_, at) => leafAt(at).toString()),
      )
      const level = (wanted: number) =>
        [...files].filter(([name]) => name.startsWith(`tile/${wanted}/`)).flatMap(([, bytes]) => Buffer.from(bytes).toString('hex').match(/.{64}/g) ?? [])
      assert.deepEqual(
        level(0),
        entries.map((leaf) => naiveRoot([leaf])),
      )
      const full = Math.floor(size / 256)
      assert.deepEqual(
        level(1),
        Array.from({length: full}, (_, at) => naiveRoot(entries.slice(at * 256, (at + 1) * 256))),
      )
    })

  it('end in the root of the tree, and are handed out once they are full', () => {
    const tiler = createTiler()
    const handed: string[] = []
    for (let at = 0; at < 256; at += 1) handed.push(...tiler.append(leafAt(at)).map(({path}) => `${path} after ${at + 1}`))
    assert.deepEqual(handed, ['tile/entries/000 after 256', 'tile/0/000 after 256'])
    const {files, root} = tiler.finish()
    assert.deepEqual(
      files.map(({path}) => path),
      ['tile/1/000.p/1'],
    )
    assert.equal(root, naiveRoot(Array.from({length: 256}, (_, at) => leafAt(at))))
  })

  it('hold a leaf as large as can be, and none that is larger', () => {
    const tiler = createTiler()
    tiler.append(Buffer.alloc(65_535))
    assert.deepEqual(
      readBundle(tiler.finish().files[0]?.bytes ?? Buffer.alloc(0)).map(({length}) => length),
      [65_535],
    )
    assert.throws(
      () => tiler.append(Buffer.alloc(65_536)),
      (error) => error instanceof AppError && error.code === 'seal.false-leaf',
    )
  })
})

function tiled(size: number): Map<string, Uint8Array> {
  const tiler = createTiler()
  const files: TileFile[] = []
  for (let at = 0; at < size; at += 1) files.push(...tiler.append(leafAt(at)))
  files.push(...tiler.finish().files)
  assert.equal(new Set(files.map(({path}) => path)).size, files.length, 'a file was handed out twice')
  return new Map(files.map(({path, bytes}) => [path, bytes]))
}

function readBundle(bytes: Uint8Array): Buffer[] {
  const entries: Buffer[] = []
  const buffer = Buffer.from(bytes)
  for (let at = 0; at < buffer.length;) {
    const length = buffer.readUInt16BE(at)
    entries.push(buffer.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return entries
}
