/** Files that a person or a policy names: a checkout may hold a link to anything. */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, open, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileReader} from '../../../src/lib/stores/file-reader.ts'

describe('fileReader', () => {
  let folder: string
  const at = (name: string) => join(folder, name)
  const read = async (path: string) => Buffer.from(await fileReader.read(path)).toString()
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-files-'))
    await writeFile(at('plain'), 'synthetic')
    await symlink('plain', at('link'))
    await writeFile(at('empty'), '')
    await mkdir(at('folder'))
    execFileSync('mkfifo', [at('pipe')])
    await symlink('/dev/zero', at('endless'))
  })
  after(() => rm(folder, {recursive: true}))

  it('reads a file, also by a link, and one that is empty', async () => {
    assert.deepEqual([await read(at('plain')), await read(at('link')), await read(at('empty'))], ['synthetic', 'synthetic', ''])
  })

  for (const name of ['absent', 'folder', 'pipe', 'endless'])
    it(`refuses what is ${name}, and waits for nobody`, () => assert.rejects(fileReader.read(at(name)), {code: 'usage.input'}))

  it('says why it cannot', async () => {
    await assert.rejects(fileReader.read(at('absent')), {message: `there is no file ${at('absent')}`})
    await assert.rejects(fileReader.read(join(at('plain'), 'below')), {message: `there is no file ${join(at('plain'), 'below')}`})
    await assert.rejects(fileReader.read(at('folder')), {message: `cannot read ${at('folder')}: it is not a file`})
  })

  it('reads what a shell hands over by number', async () => {
    const file = await open(at('plain'))
    try {
      assert.equal(await read(`/dev/fd/${file.fd}`), 'synthetic')
    } finally {
      await file.close()
    }
  })
})
