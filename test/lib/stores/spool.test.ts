import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {AppError} from '../../../src/lib/errors.ts'
import {blobKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {openFolderStore} from '../../../src/lib/stores/folder.ts'
import {openSpool} from '../../../src/lib/stores/spool.ts'
import {allOf} from '../../all-of.ts'
import {scratch} from '../../scratch.ts'

const BYTES = Buffer.from('evidence')
const KEY = blobKey(sha256Hex(BYTES))

describe('the spool', () => {
  const folder = scratch()
  const root = () => join(folder(), 'spool')
  const open = async (path = root()) => openSpool(path, `folder:${join(folder(), 'evidence')}`)

  it('holds what was put, until it is removed', async () => {
    const spool = await open()
    assert.deepEqual([await allOf(spool.list('')), existsSync(root())], [[], false])
    assert.equal(await spool.put(KEY, BYTES), 'written')
    assert.equal(await spool.put(KEY, BYTES), 'present')
    assert.deepEqual([await allOf(spool.list('')), await spool.get(KEY)], [[KEY], BYTES])
    await spool.remove(KEY)
    await spool.remove(KEY)
    assert.deepEqual([await allOf(spool.list('')), await spool.get(KEY)], [[], undefined])
  })

  it('is nothing that git takes in', async () => {
    spawnSync('git', ['init', '-q', folder()])
    await (await open()).put(KEY, BYTES)
    const {stdout} = spawnSync('git', ['-C', folder(), 'status', '--porcelain', '--untracked-files=all'], {encoding: 'utf8'})
    assert.equal(stdout, '')
  })

  it('is marked before anything waits in it, and taken up again', async () => {
    const torn = openSpool(root(), 's3://bucket/evidence', {
      async fill() {
        throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC'})
      },
    })
    await assert.rejects((await torn).put(KEY, BYTES), {code: 'store.unreachable'})
    assert.deepEqual(readdirSync(root()).includes('spool.txt'), true)
    assert.equal(await (await open()).put(KEY, BYTES), 'written')
  })

  it('shows what is no evidence, and gives it to nobody', async () => {
    const spool = await open()
    await spool.put(KEY, BYTES)
    writeFileSync(join(root(), 'note'), '')
    const link = blobKey(sha256Hex('link'))
    mkdirSync(dirname(join(root(), link)), {recursive: true})
    symlinkSync('/etc/passwd', join(root(), link))
    assert.deepEqual(await allOf(spool.list('')), [KEY, link, 'note'].toSorted())
    await assert.rejects(spool.get(link), {code: 'record.unknown-object'})
    await assert.rejects(spool.remove('note'), {code: 'bug'})
    assert.ok(existsSync(join(root(), 'note')))
  })

  describe('waits for one store', () => {
    const at = async (address: string) => openSpool(root(), address)

    it('by a name that is the same on every machine', async () => {
      await (await at('s3://bucket/evidence?region=eu-west-1&endpoint=https://s3.example')).put(KEY, BYTES)
      assert.equal(await (await at('s3://bucket/evidence')).waitsFor(), 's3://bucket/evidence')
      assert.equal(await (await at('s3://bucket/evidence/?region=us-east-1')).put(KEY, BYTES), 'present')
    })

    it('and takes nothing for another, until it is empty', async () => {
      await (await at('s3://bucket/evidence')).put(KEY, BYTES)
      const other = await at('s3://bucket/other')
      await assert.rejects(other.put(KEY, BYTES), {
        code: 'spool.unusable',
        message: `evidence for s3://bucket/evidence waits in ${root()}, and this is for s3://bucket/other`,
      })
      await other.remove(KEY)
      assert.equal(await other.put(KEY, BYTES), 'written')
      assert.equal(await other.waitsFor(), 's3://bucket/other')
      assert.deepEqual(await allOf(other.list('')), [KEY])
    })

    it('and says nothing by half a name', async () => {
      await (await at('s3://bucket/evidence')).put(KEY, BYTES)
      writeFileSync(join(root(), 'spool.txt'), 'Evidence\nstore: s3://buck')
      assert.equal(await (await at('s3://bucket/evidence')).waitsFor(), undefined)
      await assert.rejects((await at('s3://bucket/evidence')).put(KEY, BYTES), {code: 'spool.unusable', message: /a store that its spool.txt does not name/})
      await (await at('s3://bucket/evidence')).remove(KEY)
      await (await at('s3://bucket/evidence')).put(KEY, BYTES)
      assert.equal(await (await at('s3://bucket/evidence')).waitsFor(), 's3://bucket/evidence', 'marked anew where nothing waits')
    })
  })

  describe('is refused', () => {
    const refused = async (path: string, words: RegExp, address = `folder:${join(folder(), 'evidence')}`) =>
      assert.rejects(openSpool(path, address), (error: AppError) => error.code === 'spool.unusable' && words.test(error.message))

    it('in the store, around it, and as it, also by a link', async () => {
      for (const path of ['evidence', 'evidence/spool', 'evidence/a/b', '.']) await refused(join(folder(), path), /lie in one another/)
      mkdirSync(join(folder(), 'evidence'))
      symlinkSync('evidence', join(folder(), 'link'))
      await refused(join(folder(), 'link', 'spool'), /lie in one another/)
      assert.deepEqual(readdirSync(join(folder(), 'evidence')), [])
      await openSpool(join(folder(), 'evidence-spool'), `folder:${join(folder(), 'evidence')}`)
    })

    it('as a store of evidence: a flush would empty it', async () => {
      await openFolderStore(root()).put(KEY, BYTES)
      await refused(root(), /it holds blobs, and no spool\.txt/, 's3://bucket/evidence')
    })

    it('as a folder of something else, or a file', async () => {
      writeFileSync(join(folder(), 'file'), '')
      await refused(join(folder(), 'file'), /it is no folder/, 's3://bucket/evidence')
      await refused(folder(), /it holds file/, 's3://bucket/evidence')
    })
  })
})
