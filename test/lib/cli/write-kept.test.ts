import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {writeKept} from '../../../src/lib/cli/write-kept.ts'
import {scratch} from '../../scratch.ts'

describe('writeKept', () => {
  const folder = scratch()

  it('writes it, with its folder, and takes the same again', async () => {
    const path = join(folder(), 'kept/a')
    await writeKept('--letter', path, 'one')
    await writeKept('--letter', path, Buffer.from('one'))
    assert.equal(readFileSync(path, 'utf8'), 'one')
  })

  it('replaces nothing, and leaves nothing beside it', async () => {
    const path = join(folder(), 'a')
    await writeKept('--letter', path, 'one')
    await assert.rejects(writeKept('--letter', path, 'two'), {code: 'usage.flag', message: `${path} is there already, and what is kept is not replaced`})
    assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(folder())], ['one', ['a']])
  })

  it('writes one of two that come at once', async () => {
    const path = join(folder(), 'a')
    const done = await Promise.allSettled(['one', 'two', 'three'].map(async (text) => writeKept('--letter', path, text)))
    assert.equal(done.filter(({status}) => status === 'fulfilled').length, 1)
    assert.deepEqual(readdirSync(folder()), ['a'])
  })

  it('says what cannot be written', async () => {
    mkdirSync(join(folder(), 'a'))
    await assert.rejects(writeKept('--timestamp', join(folder(), 'a'), 'x'), {code: 'usage.flag'})
    await writeKept('--timestamp', join(folder(), 'file'), 'x')
    await assert.rejects(writeKept('--timestamp', join(folder(), 'file/b'), 'x'), {code: 'usage.flag', message: /^--timestamp .* cannot be written: E/})
  })
})
