import assert from 'node:assert/strict'
import {blank} from './blank.ts'
import {importsOf} from './imports.ts'

const shown = (source: string): string[] =>
  importsOf(source).map(({specifier, typeOnly, dynamic}) => `${specifier}${typeOnly ? ' type' : ''}${dynamic ? ' dynamic' : ''}`)

describe('importsOf', () => {
  it('sees every form', () => {
    const source = `
import a from 'a'
import {b, type B} from "b"
import * as c from 'c'
import d, {
  d2,
  type D3,
} from '@scope/d'
import 'e'
import f from './f.json' with {type: 'json'}
export {g} from './g.ts'
export * from './h.ts'
const i = await import('./i.ts')
`
    assert.deepEqual(shown(source).toSorted(), ['./f.json', './g.ts', './h.ts', './i.ts dynamic', '@scope/d', 'a', 'b', 'c', 'e'])
  })

  it('knows what is only for types', () => {
    const source = `
import type {A} from 'a'
export type {B} from 'b'
type C = typeof import('c')
import {type D} from 'd'
`
    assert.deepEqual(shown(source), ['a type', 'b type', 'd', 'c type dynamic'])
  })

  it('takes neither comments nor strings for imports', () => {
    const source = [
      "// import a from 'a'",
      "/* import b from 'b'\nimport c from 'c' */",
      "const text = `\nimport d from 'd'\n${await import(\"e\")}\nimport f from 'f'`",
      'const quoted = \'import("g")\'',
      "const regex = /'/; import('h')",
    ]
    assert.deepEqual(shown(source.join('\n')), ['e dynamic', 'h dynamic'])
  })

  it('is not led astray by exported code before an import', () => {
    assert.deepEqual(shown("export const x = 5\nexport interface Y {\n  z: string\n}\nimport {a} from 'a'"), ['a'])
  })

  it('refuses an import that it cannot follow', () => {
    assert.throws(() => importsOf('await import(name)'), /computed/)
  })
})

describe('blank', () => {
  it('keeps every offset, also behind letters of two units', () => {
    const source = "const a = '😀' // 😀\nconst b = 1"
    assert.equal(blank(source, false).length, source.length)
    assert.equal(blank(source, false).indexOf('const b'), source.indexOf('const b'))
  })

  it('tells a division from a regular expression', () => {
    const code = blank('const a = b / c / d\nconst e = /process.exit/.test(f)\nreturn /console.log/', false)
    assert.match(code, /b \/ c \/ d/)
    assert.doesNotMatch(code, /process|console/)
  })

  it('sees the code inside a template and not its text', () => {
    const code = blank('`process.a ${process.b({c: `console.d ${e}`})} process.f`', false)
    assert.match(code, /process\.b/)
    assert.doesNotMatch(code, /process\.a|console\.d|process\.f/)
  })
})
