/** Texts that were chosen so that no record could hold them. Synthetic. */
import assert from 'node:assert/strict'
import {asRecorded, recordPrincipal, recordText, withoutKey} from '../../../src/lib/admission/record-text.ts'
import {redactKnownText} from '../../../src/lib/evidence/redaction/known-text.ts'
import {RULES, rulesOfKinds} from '../../../src/lib/evidence/redaction/rules.ts'

const KEY = {id: '0123abcd', bytes: Buffer.alloc(32, 7)}
const SSN = '123-45-6789'
const many = (count: number) => `r.example/${`${SSN}/`.repeat(count)}app`

describe('recordText', () => {
  for (const text of [
    '',
    'web',
    'x'.repeat(256),
    'x'.repeat(5_000),
    '😀'.repeat(200),
    many(1),
    many(8),
    many(20),
    many(300),
    `${'x'.repeat(220)} ${SSN}${'0'.repeat(40)}`,
  ])
    it(`gives what still fits once a recorder with a key has looked at it: ${text.slice(0, 24)}… (${text.length})`, () => {
      for (const [held, rules] of [
        [recordText(text), RULES],
        [recordPrincipal(text), rulesOfKinds(['credential', 'identifier'])],
      ] as const) {
        const written = redactKnownText(held, rules, KEY).text
        assert.ok(written.length > 0 && written.length <= 256, `${written.length}: ${written}`)
        assert.ok(!written.includes(SSN))
      }
    })

  it('leaves to the recorder what it can take out itself: with a key, equal values can be told to be equal', () => assert.equal(recordText(many(1)), many(1)))

  it('leaves an address of a person where it says who asks', () => {
    const user = `${'x'.repeat(220)}@people.example`
    assert.equal(recordPrincipal(user), user)
  })

  it('tells two long texts apart', () => assert.notEqual(recordText(`${'x'.repeat(300)}1`), recordText(`${'x'.repeat(300)}2`)))
})

describe('asRecorded', () => {
  for (const text of ['web-1', 'mrn-sync-29794229-q7r6s', many(1), many(20), 'x'.repeat(300)])
    it(`finds ${text.slice(0, 24)} (${text.length}) again, with a key and without`, () => {
      for (const key of [KEY, undefined]) assert.equal(withoutKey(redactKnownText(recordText(text), RULES, key).text), asRecorded(text))
    })
})
