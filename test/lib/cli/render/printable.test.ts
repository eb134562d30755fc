import assert from 'node:assert/strict'
import {printableJson} from '../../../../src/lib/cli/render/printable.ts'

describe('JSON on a terminal', () => {
  it('means the same, and holds nothing that a terminal obeys', () => {
    const value = {'a\u001B[2J': ['\u009B31m', '\u202Egnp.exe', 'line\u2028', 'é 😀\n', '\u{E0041}', '\u007F']}
    const text = printableJson(JSON.stringify(value, undefined, 2))
    assert.deepEqual(JSON.parse(text), value)
    assert.doesNotMatch(text, /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
    assert.ok(text.includes('é 😀') && text.includes('\n'))
  })
})
