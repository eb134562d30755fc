import assert from 'node:assert/strict'
import {deaCheck, luhn, mod97} from '../../../../src/lib/evidence/redaction/check-digits.ts'
import {RULES} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'

const hits = (text: string) => redactText(text, RULES).hits

describe('check digits', () => {
  it('are those of ISO/IEC 7812, ISO 13616 and the DEA', () => {
    assert.ok(luhn('79927398713') && !luhn('79927398710'))
    assert.ok(mod97('GB82WEST12345698765432') && !mod97('GB82WEST12345698765431'))
    assert.ok(deaCheck('AB1234563') && !deaCheck('AB1234564'))
  })

  it('find a card that could have been issued, in its usual notations', () => {
    for (const number of [
      '4111111111111111',
      '4111 1111 1111 1111',
      '4111-1111-1111-1111',
      '378282246310005',
      '3782 822463 10005',
      '5555555555554444',
      '2223003122003222',
      '6011111111111117',
      '3530111333300000',
      '30569309025904',
    ])
      assert.deepEqual(hits(`card ${number}`), ['card'], number)
  })

  it('leave what fails the check, is of no range, or is part of something longer', () => {
    for (const text of [
      '4111111111111112',
      '1111111111111117',
      '9111111111111110',
      '41111111111111111',
      'x4111111111111111',
      '0.4111111111111111',
      '4111111111111111.5',
      '4111 1111 1111',
    ])
      assert.deepEqual(hits(text), [], text)
  })

  it('find a bank account of a country by its length', () => {
    assert.deepEqual(hits('to GB82 WEST 1234 5698 7654 32 today'), ['iban'])
    assert.deepEqual(hits('DE89370400440532013000'), ['iban'])
    for (const text of ['DE8937040044053201300', 'XX89370400440532013000', 'DE88370400440532013000']) assert.deepEqual(hits(text), [], text)
  })
})
