import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {AppError} from '../../../src/lib/errors.ts'
import type {TextLine} from '../../../src/lib/ports/context.ts'
import {fileLines} from '../../../src/lib/stores/file-lines.ts'
import {scratch} from '../../scratch.ts'

describe('fileLines', () => {
  const folder = scratch()
  async function read(bytes: Uint8Array | string): Promise<TextLine[]> {
    const path = join(folder(), 'audit.log')
    writeFileSync(path, bytes)
    return Array.fromAsync(fileLines(path))
  }
  const texts = (...lines: string[]) => lines.map((text) => ({text}))

  it('gives the lines that are not blank, the last one also without an end', async () => {
    assert.deepEqual(await read('{"a":1}\r\n\n  \n{"b":"ü"}'), texts('{"a":1}', '{"b":"ü"}'))
    assert.deepEqual(await read(''), [])
    assert.deepEqual(await read('x'), texts('x'))
  })

  it('unpacks by what it is, not by its name, also of several members', async () => {
    assert.deepEqual(await read(Buffer.concat([gzipSync('one\ntw'), gzipSync('o\nthree\n')])), texts('one', 'two', 'three'))
  })

  it('puts a line together across chunks', async () => {
    const long = 'ü'.repeat(3 * 1024 * 1024)
    assert.deepEqual(await read(`a\n${long}\nb`), texts('a', long, 'b'))
  })

  it('tells what it could not read in its place, and goes on', async () => {
    assert.deepEqual(
      (await read(Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0x0a]), Buffer.from('b\n')]))).map((line) => 'text' in line),
      [true, false, true],
    )
    const lines = await read(Buffer.concat([Buffer.from('a\n'), Buffer.alloc(17 * 1024 * 1024, 'x'), Buffer.from('\nb\n')]))
    assert.deepEqual(
      lines.map((line) => ('text' in line ? line.text : 'fault')),
      ['a', 'fault', 'b'],
    )
  })

  it('tells that a gzip breaks off, after what it holds', async () => {
    const whole = gzipSync(Array.from({length: 20_000}, (_, at) => `line ${at} ${Math.sin(at)}`).join('\n'))
    const lines = await read(whole.subarray(0, -1_000))
    assert.ok(lines.length > 1 && 'text' in (lines[0] ?? {}))
    assert.ok('fault' in (lines.at(-1) ?? {}))
  })

  it('opens no folder and nothing that is not there', async () => {
    for (const path of [folder(), join(folder(), 'absent')])
      await assert.rejects(Array.fromAsync(fileLines(path)), (error: unknown) => error instanceof AppError && error.code === 'usage.input')
  })
})
