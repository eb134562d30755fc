import assert from 'node:assert/strict'
import {decode, parseJsonLines, parseJsonValue} from '../../../src/lib/intake/json-lines.ts'
import {compileSchema} from '../../../src/lib/intake/json-schema.ts'

const lines = (text: string) => parseJsonLines(Buffer.from(text))

describe('JSON, or JSON a line', () => {
  it('is one value, however it is laid out', () => {
    for (const text of ['{"a":1}', '{\n  "a": 1\n}\n', '\n\n{"a":1}\n', '\uFEFF{"a":1}'])
      assert.deepEqual(lines(text), [{line: text.startsWith('\n') ? 3 : 1, value: {a: 1}}])
    assert.deepEqual(lines('[1,\n2]'), [{line: 1, value: [1, 2]}])
  })

  it('is a value a line, blank lines left out and counted', () => {
    assert.deepEqual(lines('{"a":1}\n\n{"a":2}\r\n'), [
      {line: 1, value: {a: 1}},
      {line: 3, value: {a: 2}},
    ])
  })

  it('names the lines that are none, and tells nothing of their text', () => {
    const parsed = lines('{"a":1}\n{"ssn": 078-05-1120}\nhunter2\n')
    assert.deepEqual(
      parsed.map((one) => [one.line, 'fault' in one]),
      [
        [1, false],
        [2, true],
        [3, true],
      ],
    )
    assert.ok(!/078|hunter|ssn/.test(JSON.stringify(parsed)), JSON.stringify(parsed))
  })

  it('refuses a member that could not be kept', () => {
    assert.deepEqual(lines('{"a":1}\n{"a":{"__proto__":1}}'), [
      {line: 1, value: {a: 1}},
      {line: 2, fault: 'a member called __proto__ cannot be kept'},
    ])
  })

  it('is refused where it is nothing, or one value that is broken', () => {
    assert.throws(() => lines(''), {code: 'usage.empty'})
    assert.throws(() => lines(' \n \n'), {code: 'usage.empty'})
    assert.throws(
      () => lines('{\n "password": hunter2\n}'),
      (error: Error & {code: string}) => error.code === 'usage.input' && !error.message.includes('hunter2'),
    )
    assert.throws(() => decode(Buffer.from([0xff, 0xfe, 0x00])), {code: 'usage.input', message: 'the input is not UTF-8'})
  })

  it('is one value where one is asked for', () => {
    assert.deepEqual(parseJsonValue(Buffer.from('[1]'), 'the list'), [1])
    assert.throws(() => parseJsonValue(Buffer.from('1\n2'), 'the list'), {code: 'usage.input', message: 'the list is not one JSON value'})
  })
})

describe('a JSON Schema', () => {
  const faults = (schema: unknown, value: unknown) => compileSchema(schema)(value)

  it('judges a value, and names every fault without the value', () => {
    const schema = {type: 'object', required: ['a', 'b'], properties: {a: {type: 'string'}, at: {type: 'string', format: 'date'}}, additionalProperties: false}
    assert.deepEqual(faults(schema, {a: 'x', b: 1}), ['(top): must NOT have additional properties'])
    assert.deepEqual(faults({...schema, required: ['a']}, {a: 'x', at: '2026-01-02'}), [])
    assert.deepEqual(faults({...schema, required: ['a']}, {a: 5, at: 'hunter2'}), ['a: must be string', 'at: must match format "date"'])
  })

  it('is read in the draft that it names', () => {
    const tuple = {prefixItems: [{type: 'string'}]}
    assert.deepEqual(faults({$schema: 'https://json-schema.org/draft/2020-12/schema', ...tuple}, [1]), ['0: must be string'])
    assert.deepEqual(faults({$schema: 'https://json-schema.org/draft/2019-09/schema', type: 'array', minItems: 1}, []), [
      '(top): must NOT have fewer than 1 items',
    ])
    assert.deepEqual(faults({$schema: 'http://json-schema.org/draft-07/schema#', const: 1}, 2), ['(top): must be equal to constant'])
  })

  for (const [what, schema] of [
    ['no object', 7],
    ['a list', []],
    ['null', null],
    ['with a keyword that is misspelt', {type: 'string', maxLenght: 5}],
    ['of an unknown type', {type: 'text'}],
    ['with a reference to elsewhere', {$ref: 'https://schemas.example/other.json'}],
    ['of a draft that is not known', {$schema: 'http://json-schema.org/draft-04/schema#', type: 'string'}],
  ] as const)
    it(`is refused where it is ${what}`, () => {
      assert.throws(() => compileSchema(schema), {code: 'usage.input'})
    })
})
