import assert from 'node:assert/strict'
import fc from 'fast-check'
import {editDocument, type DocumentEdit} from '../../../src/lib/config/edit-document.ts'
import {readDocument} from '../../../src/lib/config/document.ts'

const KEYS = ['environments', 'local', 'requires', 'signature', 'keys']
const PIN = {spki: 'sha256:bb', file: 'keys/new.pub', from: '2026-06-15', status: 'active'}
const LINE = '{spki: "sha256:bb", file: keys/new.pub, from: 2026-06-15, status: active}'

/** @param lines before and after; only what differs is to change */
function changes(before: readonly string[], edits: readonly DocumentEdit[], after: readonly string[], newline = '\n'): void {
  assert.equal(editDocument(before.join(newline), edits), after.join(newline))
}

describe('editDocument', () => {
  it('changes one value of a line, and keeps quotes and comments of the others', () => {
    changes(
      ['# mine', 'signing: {key: "file:cosign.key"}   # who signs', '', 'b:   1'],
      [{path: ['signing', 'key'], set: 'awskms:///alias/image-signing'}],
      ['# mine', 'signing: {key: "awskms:///alias/image-signing"}   # who signs', '', 'b:   1'],
    )
  })

  it('adds what is missing, at the end of what it belongs to', () => {
    changes(
      ['version: 1', 'signing:', '  key: a # x', '# behind', ''],
      [{path: ['signing', 'timestamp'], set: 'https://tsa.example'}],
      ['version: 1', 'signing:', '  key: a # x', '  timestamp: "https://tsa.example"', '# behind', ''],
    )
    changes(['version: 1'], [{path: ['signing', 'key'], set: 'file:a'}], ['version: 1', 'signing: {key: "file:a"}'])
    changes(['signing: {}'], [{path: ['signing', 'key'], set: 'file:a'}], ['signing: {key: "file:a"}'])
    changes(['signing:', '  key:', 'b: 1'], [{path: ['signing', 'key'], set: 'file:a'}], ['signing:', '  key: "file:a"', 'b: 1'])
  })

  it('adds a pin to a list of lines, under the comment of the last', () => {
    const head = ['environments:', '  local:', '    requires:', '      signature:', '        keys:']
    const old = '          - {spki: "sha256:aa", file: cosign.pub, status: active} # the first'
    changes([...head, old, '', '      sbom: {}'], [{path: KEYS, append: PIN}], [...head, old, `          - ${LINE}`, '', '      sbom: {}'])
  })

  it('adds a pin to a list whose dashes stand under its key', () => {
    const before = ['keys:', '- spki: aa', '  file: cosign.pub # here', '', '# end']
    changes(before, [{path: ['keys'], append: PIN}], ['keys:', '- spki: aa', '  file: cosign.pub # here', `- ${LINE}`, '', '# end'])
  })

  it('adds a pin to a list in one line', () => {
    changes(['keys: [{spki: aa}] # x'], [{path: ['keys'], append: PIN}], [`keys: [{spki: aa}, ${LINE}] # x`])
    changes(['keys: []'], [{path: ['keys'], append: PIN}], [`keys: [${LINE}]`])
  })

  it('retires a pin, written in one line or in several', () => {
    const edits: DocumentEdit[] = [
      {path: ['keys', 0, 'status'], set: 'retired'},
      {path: ['keys', 0, 'until'], set: '2026-06-15'},
    ]
    changes(['keys:', '  - {spki: aa, status: active}'], edits, ['keys:', '  - {spki: aa, status: retired, until: 2026-06-15}'])
    changes(['keys:', '  - spki: aa', '    # now', '    status: active # x', '  - spki: b'], edits, [
      'keys:',
      '  - spki: aa',
      '    # now',
      '    status: retired # x',
      '    until: 2026-06-15',
      '  - spki: b',
    ])
  })

  it('keeps the line ends of another system', () => {
    changes(['version: 1', 'keys:', '  - a', ''], [{path: ['keys'], append: 'b'}], ['version: 1', 'keys:', '  - a', '  - b', ''], '\r\n')
  })

  it('quotes what would be read as something else', () => {
    for (const value of ['yes', 'null', '1.5', '~', 'a: b', '# c', '', ' x', 'ü', '{', "it's", '2026-13', 'True']) {
      const edited = editDocument('a: 1\n', [{path: ['a'], set: value}])
      assert.deepEqual(readDocument(edited).value, {a: value}, edited)
    }
  })

  it('says what was meant, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({minLength: 1}), (value, other) => {
        const edited = editDocument('# top\na: {b: 1}\n', [
          {path: ['a', 'b'], set: value},
          {path: ['a', 'c'], set: other},
        ])
        assert.deepEqual(readDocument(edited).value, {a: {b: value, c: other}})
        assert.ok(edited.startsWith('# top\na: {b: '))
      }),
    )
  })

  it('refuses a place that is none', () => {
    assert.throws(() => editDocument('a: 1\n', [{path: ['a', 'b'], set: 'x'}]), {code: 'bug'})
    assert.throws(() => editDocument('a: 1\n', [{path: ['a'], append: 'x'}]), {code: 'bug'})
  })
})
