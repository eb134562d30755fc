import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import type {AppError} from '../../../src/lib/errors.ts'
import {blobKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {openFolderStore} from '../../../src/lib/stores/folder.ts'
import {run} from '../../program.ts'
import {scratch} from '../../scratch.ts'
import {itBehavesAsAStore} from './store-behaviour.ts'
import {allOf} from '../../all-of.ts'

const BYTES = Buffer.from('evidence')
const KEY = blobKey(sha256Hex(BYTES))

const left = (owner: string) => `${owner}~${'0'.repeat(16)}`

describe('the folder store', () => {
  const folder = scratch()
  const root = () => join(folder(), 'a', 'b', 'evidence')
  const open = () => openFolderStore(root())

  itBehavesAsAStore(async () => open())

  it('lays a key down as a path, readable by all and writable by none', async () => {
    await open().put(KEY, BYTES)
    const {mode} = statSync(join(root(), KEY))
    assert.equal(mode & 0o333, 0)
    assert.equal(mode & 0o400, 0o400)
  })

  it('leaves no scratch file', async () => {
    await open().put(KEY, BYTES)
    await open().put(KEY, BYTES)
    assert.deepEqual(readdirSync(join(root(), 'tmp')), [])
  })

  it('lists what has a name that is no text, and goes on', async () => {
    await open().put(KEY, BYTES)
    writeFileSync(Buffer.concat([Buffer.from(`${root()}/!`), Buffer.from([0xff])]), 'x')
    const listed = await Array.fromAsync(open().versions(''))
    assert.deepEqual(
      listed.map(({key, size}) => [key, size]),
      [
        ['!\uFFFD', 0],
        [KEY, BYTES.length],
      ],
    )
  })

  it('takes the path of a link to its root', async () => {
    mkdirSync(join(folder(), 'real'))
    symlinkSync('real', join(folder(), 'link'))
    await openFolderStore(join(folder(), 'link')).put(KEY, BYTES)
    assert.deepEqual(await openFolderStore(join(folder(), 'real')).get(KEY), BYTES)
  })

  describe('refuses', () => {
    for (const key of [
      '',
      '/etc/passwd',
      '../escape/x',
      'records/../../x',
      'records/./x',
      'a//b',
      'blobs/sha256/',
      'tmp/x',
      String.raw`a\b/c`,
      'a/\n',
      'a/.hidden',
      'one',
    ])
      it(`the key ${JSON.stringify(key)}`, async () => {
        await assert.rejects(open().put(key, BYTES), {code: 'bug'})
        await assert.rejects(open().get(key), {code: 'bug'})
        assert.equal(existsSync(folder()) && existsSync(root()), false)
      })

    it('to write through a folder that is a link', async () => {
      mkdirSync(join(folder(), 'elsewhere'))
      mkdirSync(root(), {recursive: true})
      symlinkSync(join(folder(), 'elsewhere'), join(root(), 'blobs'))
      await assert.rejects(open().put(KEY, BYTES), (error: AppError) => error.code === 'store.unreachable' && error.message.includes('a link that leads to'))
      assert.deepEqual(readdirSync(join(folder(), 'elsewhere')), [])
    })

    it('to write scratch files through a link', async () => {
      mkdirSync(join(folder(), 'elsewhere'))
      mkdirSync(root(), {recursive: true})
      symlinkSync(join(folder(), 'elsewhere'), join(root(), 'tmp'))
      await assert.rejects(open().put(KEY, BYTES), {code: 'store.unreachable'})
    })

    it('a name that is taken by something else', async () => {
      mkdirSync(dirname(join(root(), KEY)), {recursive: true})
      symlinkSync('/dev/null', join(root(), KEY))
      await assert.rejects(open().put(KEY, BYTES), {code: 'store.unreachable', message: `${join(root(), KEY)} is taken by something that is not a file`})
    })
  })

  describe('reads nothing', () => {
    it('through a link in place of a file', async () => {
      mkdirSync(dirname(join(root(), KEY)), {recursive: true})
      writeFileSync(join(folder(), 'outside'), 'not evidence')
      symlinkSync(join(folder(), 'outside'), join(root(), KEY))
      assert.equal(await open().get(KEY), undefined)
    })

    it('through a link in place of a folder, and says so', async () => {
      await open().put(KEY, BYTES)
      renameSync(join(root(), 'blobs'), join(folder(), 'moved'))
      symlinkSync(join(folder(), 'moved'), join(root(), 'blobs'))
      await assert.rejects(open().get(KEY), {code: 'store.unreachable'})
    })

    it('from a folder or a pipe in place of a file', async () => {
      mkdirSync(join(root(), KEY), {recursive: true})
      assert.equal(await open().get(KEY), undefined)
      const pipe = blobKey(sha256Hex('pipe'))
      mkdirSync(dirname(join(root(), pipe)), {recursive: true})
      assert.equal(spawnSync('mkfifo', [join(root(), pipe)]).status, 0)
      assert.equal(await open().get(pipe), undefined)
    })
  })

  describe('lists', () => {
    it('nothing of a store that is not there, but says so', async () => {
      await assert.rejects(allOf(open().list('')), {code: 'store.unreachable', message: `there is no evidence store at ${realpathSync(folder())}/a/b/evidence`})
      assert.equal(existsSync(root()), false)
    })

    it('what is no evidence, links unfollowed, hostile names as they are', async () => {
      await open().put(KEY, BYTES)
      mkdirSync(join(root(), 'records', 'x'), {recursive: true})
      writeFileSync(join(root(), 'records', 'x', 'new\nline'), '')
      writeFileSync(join(root(), 'stray'), '')
      writeFileSync(join(root(), 'records.txt'), '')
      symlinkSync('/etc', join(root(), 'records', 'outside'))
      symlinkSync('.', join(root(), 'records', 'loop'))
      mkdirSync(Buffer.from(join(root(), 'bad-\xff-name'), 'latin1'))
      assert.deepEqual(await allOf(open().list('')), ['bad-\uFFFD-name', KEY, 'records.txt', 'records/loop', 'records/outside', 'records/x/new\nline', 'stray'])
    })

    it('no scratch file, but a file of that name', async () => {
      await open().put(KEY, BYTES)
      writeFileSync(join(root(), 'tmp', 'anything'), '')
      assert.deepEqual(await allOf(open().list('')), [KEY])
      const other = join(folder(), 'other')
      mkdirSync(other)
      writeFileSync(join(other, 'tmp'), '')
      assert.deepEqual(await allOf(openFolderStore(other).list('')), ['tmp'])
    })

    it('in byte order where a folder and a file begin alike', async () => {
      mkdirSync(join(root(), 'a'), {recursive: true})
      for (const name of ['a/z', 'a.b', 'a-b', 'aé', 'b']) writeFileSync(join(root(), name), '')
      const keys = await allOf(open().list(''))
      assert.deepEqual(
        keys,
        keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
      assert.equal(keys.length, 5)
    })
  })

  describe('after a writer died', () => {
    it('removes its scratch file at the next put, and no other', async () => {
      const {pid} = spawnSync(process.execPath, ['-e', ''])
      const host = hostname()
      const names = {
        dead: left(`${host}~${pid}`),
        alive: left(`${host}~${process.pid}`),
        foreign: left(`another-host~${pid}`),
        old: left('another-host~1'),
        strange: 'not ours',
      }
      mkdirSync(join(root(), 'tmp'), {recursive: true})
      for (const name of Object.values(names)) writeFileSync(join(root(), 'tmp', name), 'half a rec')
      utimesSync(join(root(), 'tmp', names.old), 0, 0)
      assert.deepEqual(await allOf(open().list('')), [], 'a reader does not see it')
      assert.equal(readdirSync(join(root(), 'tmp')).length, 5, 'and does not remove it')
      await open().put(KEY, BYTES)
      assert.deepEqual(readdirSync(join(root(), 'tmp')).toSorted(), [names.alive, names.foreign, names.strange].toSorted())
    })
  })

  describe('on a disk that refuses', () => {
    for (const [code, words] of [
      ['ENOSPC', 'no space left'],
      ['EROFS', 'read-only'],
      ['EACCES', 'permission denied'],
    ] as const)
      it(`names path and cause, and leaves no part (${code})`, async () => {
        const store = openFolderStore(root(), {
          async fill(file, bytes) {
            await file.write(bytes.subarray(0, 3))
            throw Object.assign(new Error(code), {code})
          },
        })
        await assert.rejects(store.put(KEY, BYTES), (error: AppError) => {
          assert.equal(error.code, 'store.unreachable')
          assert.ok(error.message.includes(join(root(), KEY)) && error.message.includes(words) && error.message.includes(code), error.message)
          return true
        })
        assert.deepEqual(readdirSync(join(root(), 'tmp')), [])
        assert.deepEqual(await allOf(open().list('')), [])
        assert.equal(await open().put(KEY, BYTES), 'written', 'and goes on when there is room again')
      })

    it('leaves no part of a file that the system cuts off', async () => {
      const {stdout} = await run('put-bytes', {store: root(), size: 3_000_000}, ['bash', '-c', 'ulimit -f 1000; exec "$0" "$@"'])
      assert.match(stdout, /^store\.unreachable cannot write .*larger than allowed \(EFBIG\)$/)
      assert.deepEqual(await allOf(open().list('')), [])
      assert.deepEqual(readdirSync(join(root(), 'tmp')), [])
    })

    it('says so where a file lies in the place of the store', async () => {
      mkdirSync(dirname(root()), {recursive: true})
      writeFileSync(root(), '')
      await assert.rejects(open().put(KEY, BYTES), {code: 'store.unreachable'})
      await assert.rejects(allOf(open().list('')), {code: 'store.unreachable'})
      assert.equal(readFileSync(root(), 'utf8'), '')
    })
  })
})
