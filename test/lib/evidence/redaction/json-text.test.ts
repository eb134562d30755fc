import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {isJsonText, redactJsonText} from '../../../../src/lib/evidence/redaction/json-text.ts'
import {RULES} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'
import {CANARIES, HARMLESS, LABELLED} from './canaries.ts'

const clean = (text: string) => redactJsonText(text, RULES).text

describe('redaction of JSON as text', () => {
  it('finds in a string of many what it finds in the string alone', () => {
    const piece = fc.oneof(
      fc.constantFrom(...CANARIES.map(({text}) => text)),
      fc.constantFrom(...HARMLESS),
      fc.string(),
      fc.constantFrom('"', '\\', '\n', '}', '{"a":', ':', '-----BEGIN PRIVATE KEY-----'),
    )
    fc.assert(
      fc.property(
        fc.array(
          fc.array(piece, {maxLength: 3}).map((parts) => parts.join(' ')),
          {maxLength: 12},
        ),
        fc.constantFrom(undefined, 1, '\t'),
        (strings, space) => {
          const text = JSON.stringify(strings, undefined, space)
          const skipped = /^(?:pkg|cpe):\S+$/
          const expected = strings.map((one) => (skipped.test(one) ? one : redactText(one, RULES).text))
          assert.deepEqual(JSON.parse(clean(text)), expected)
        },
      ),
      {numRuns: 300},
    )
  })

  it('finds more strings than it looks at together', () => {
    const strings = Array.from({length: 45_000}, (_, index) => (index % 15_000 === 14_999 ? '078-05-1120' : `line ${index}`))
    const {text, hits} = redactJsonText(JSON.stringify(strings), RULES)
    assert.equal(hits.length, 3)
    assert.deepEqual(
      JSON.parse(text),
      strings.map((one) => one.replace('078-05-1120', '[redacted:ssn]')),
    )
  })

  it('leaves every byte that needs no change', () => {
    const text = '{ "big" : 12345678901234567890.10,\r\n"a":"x\\u0041\\/y", "a":"twice","e":1e5,"d":[ ],"n":null , "who":"078-05-1120","t":true}\n'
    assert.equal(clean(text), text.replace('078-05-1120', '[redacted:ssn]'))
  })

  it('reads escapes', () => {
    assert.equal(
      clean(String.raw`{"a":"jane\u0040example.com","b":"https:\/\/u:secret-pw@h.example"}`),
      '{"a":"[redacted:email]","b":"https://u:[redacted:url-password]@h.example"}',
    )
  })

  for (const {rule, label, value} of LABELLED)
    it(`takes the key as context: ${label}`, () => {
      assert.equal(clean(JSON.stringify({[label]: value, after: 'x'})), `{"${label}":"[redacted:${rule}]","after":"x"}`)
      assert.equal(clean(JSON.stringify({[label]: [value]})), `{"${label}":["[redacted:${rule}]"]}`)
    })

  it('forgets the key where its object ends', () => {
    assert.equal(clean('[{"password":{"set":true}},"correct horse"]'), '[{"password":{"set":true}},"correct horse"]')
    assert.equal(clean('[{"password":"correct horse"},"correct horse"]'), '[{"password":"[redacted:password]"},"correct horse"]')
  })

  it('takes a string alone', () => {
    assert.equal(clean('"078-05-1120"'), '"[redacted:ssn]"')
  })

  it('rewrites keys as well', () => {
    assert.equal(clean('{"jane@example.com":1}'), '{"[redacted:email]":1}')
  })

  it('looks into base64 of JSON, and takes it as a whole', () => {
    const wrap = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
    const payload = wrap({note: 'the number of the patient is 078-05-1120, as of today'})
    const sig = 'A'.repeat(88)
    assert.equal(clean(JSON.stringify({payload, sig})), JSON.stringify({payload: '[redacted:ssn]', sig}))
    assert.equal(clean(JSON.stringify({payload: wrap({again: payload}), sig})), JSON.stringify({payload: '[redacted:ssn]', sig}))
    const harmless = JSON.stringify({payload: wrap({note: 'nothing that anybody would have to take out of here'}), sig})
    assert.equal(clean(harmless), harmless)
  })

  it('does not take a long path or token for base64', () => {
    const path = `/srv/app/home/${'x'.repeat(40)}/lib`
    assert.equal(
      clean(JSON.stringify([`file:///home/jane/${'abcd/'.repeat(20)}`, path])),
      JSON.stringify([`file:///home/[redacted:home]/${'abcd/'.repeat(20)}`, path]),
    )
    assert.equal(clean(JSON.stringify([`/home/jane/${'abcd/'.repeat(20)}`])), JSON.stringify([`/home/[redacted:home]/${'abcd/'.repeat(20)}`]))
  })

  it('knows JSON, and JSON a line, from other text', () => {
    for (const text of ['{}', ' [1]', '"a"', '{"a":1}\n{"a":2}\n', '\n\n[]\n[]']) assert.equal(isJsonText(text), true, text)
    for (const text of ['', 'true', '{', '{"a":1}\nno', '[section]', '# {}', '{"a":1} {"a":2}']) assert.equal(isJsonText(text), false, text)
  })
})
