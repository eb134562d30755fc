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

  it('takes out an item of a list, and a key, with their lines', () => {
    const before = ['a:', '  # one', '  - {x: 1} # first', '  - x: 2', '    y: 3', '  # two', '  - x: 4', 'b: 1', 'c: [1, 2, 3] # z']
    changes(before, [{path: ['a', 1], remove: true}], [...before.slice(0, 3), ...before.slice(5)])
    changes(before, [{path: ['a', 0], remove: true}], [...before.slice(0, 2), ...before.slice(3)])
    changes(before, [{path: ['a'], remove: true}], ['b: 1', 'c: [1, 2, 3] # z'])
    changes(before, [{path: ['a', 1, 'y'], remove: true}], [...before.slice(0, 4), ...before.slice(5)])
    for (const [at, left] of [
      [0, '[2, 3]'],
      [1, '[1, 3]'],
      [2, '[1, 2]'],
    ] as const)
      changes(before, [{path: ['c', at], remove: true}], [...before.slice(0, -1), `c: ${left} # z`])
    changes(['c: {x: 1}'], [{path: ['c', 'x'], remove: true}], ['c: {}'])
    // What shares its line with something else, or is the only one, is not taken for what it is not.
    for (const edit of [
      {path: ['a', 1, 'x'], remove: true},
      {path: ['a', 7], remove: true},
    ] as const)
      assert.throws(() => editDocument(before.join('\n'), [edit]), {code: 'bug'})
    assert.throws(() => editDocument('a:\n  - 1\n', [{path: ['a', 0], remove: true}]), {code: 'bug'})
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
