import assert from 'node:assert/strict'
import {Writable} from 'node:stream'
import {createProgress} from '../../../../src/lib/cli/progress.ts'
import {errorText} from '../../../../src/lib/cli/render/error.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {parseManifest} from '../../../../src/lib/images/manifest.ts'

/** Clears the screen, turns the line around, and one of the control characters above ASCII. */
const HOSTILE = ['\u001B[2J', '\u202E', '\u009B'].join('')
const hostileIn = (text: string) => ['\u001B[2J', '\u202E', '\u009B'].filter((each) => text.includes(each))

describe('what is said of an error', () => {
  it('moves no cursor and hides nothing, whatever a registry has put into it', () => {
    const text = errorText(new AppError('registry.protocol', `sent ${HOSTILE}\nand more`, {fix: `Try ${HOSTILE}`}), false)
    assert.deepEqual(hostileIn(text), [])
    assert.match(text, /sent \uFFFD\[2J\uFFFD\uFFFD\nand more/)
  })

  it('has no line that a manifest has written', () => {
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: '\n✔ verified', manifests: []}))
    assert.throws(
      () => parseManifest(bytes),
      (error) => error instanceof AppError && !error.message.includes('\n'),
    )
  })

  it('nor has the talk beside it', () => {
    let said = ''
    const stream = new Writable({write: (chunk, _, done) => ((said += String(chunk)), done())}) as NodeJS.WriteStream
    createProgress(stream).note(HOSTILE)
    assert.deepEqual(hostileIn(said), [])
  })
})
