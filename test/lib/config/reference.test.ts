import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {resolveReference} from '../../../src/lib/config/reference.ts'

describe('resolveReference', () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'hipaa-ci-reference-'))
  })
  after(async () => rm(root, {recursive: true}))
  const resolve = async (reference: string, env: Record<string, string> = {}) =>
    Buffer.from(await resolveReference(reference, {key: 'redaction.key', root, variable: (name) => env[name]})).toString()

  it('reads a variable', async () => assert.equal(await resolve('env:SECRET', {SECRET: 'abc\n'}), 'abc\n'))

  it('reads a file without its last line end', async () => {
    await writeFile(join(root, 'unix'), 'a b\n\n')
    await writeFile(join(root, 'windows'), 'a b\r\n')
    assert.equal(await resolve('file:unix'), 'a b\n')
    assert.equal(await resolve(`file:${join(root, 'windows')}`), 'a b')
  })

  it('stops where the variable is unset or empty', async () => {
    await assert.rejects(resolve('env:SECRET'), {code: 'usage.empty', message: 'redaction.key names the variable SECRET, which is not set'})
    await assert.rejects(resolve('env:SECRET', {SECRET: ''}), {code: 'usage.empty', message: 'redaction.key names the variable SECRET, which is empty'})
  })

  it('stops where the file is absent, empty, a folder or too large', async () => {
    await writeFile(join(root, 'empty'), '\n')
    await writeFile(join(root, 'large'), 'x'.repeat(64 * 1024 + 1))
    await assert.rejects(resolve('file:nowhere'), {code: 'key.unreadable', exitCode: 2})
    await assert.rejects(resolve('file:empty'), {code: 'usage.empty'})
    await assert.rejects(resolve('file:.'), {code: 'key.unreadable'})
    await assert.rejects(resolve('file:large'), {code: 'key.unreadable', message: /larger than 64 KiB$/})
  })

  it('takes no secret in place of a reference, and does not print it', async () => {
    await assert.rejects(resolve('hunter2'), (error: Error) => !error.message.includes('hunter2'))
  })
})
