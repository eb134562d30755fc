import assert from 'node:assert/strict'
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {filesIn} from '../../../src/lib/stores/files-in.ts'
import {scratch} from '../../scratch.ts'

describe('files in a folder', () => {
  const folder = scratch()

  it('are found at any depth, sorted, and no link is followed', async () => {
    mkdirSync(join(folder(), 'b', 'c'), {recursive: true})
    for (const name of ['z.json', 'b/c/a.json', 'b/b.json']) writeFileSync(join(folder(), name), '{}')
    symlinkSync('/', join(folder(), 'root'))
    symlinkSync(join(folder(), 'z.json'), join(folder(), 'link.json'))
    const found = await filesIn(folder())
    assert.deepEqual(
      found?.map((path) => path.slice(folder().length + 1)),
      ['b/b.json', 'b/c/a.json', 'z.json'],
    )
  })

  it('are none of what is no folder', async () => {
    writeFileSync(join(folder(), 'file'), '')
    assert.deepEqual([await filesIn(join(folder(), 'file')), await filesIn(join(folder(), 'none'))], [undefined, undefined])
  })
})
