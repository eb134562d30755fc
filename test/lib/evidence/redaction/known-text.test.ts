/** What was looked at once and is not looked at again: nothing is found less for it. */
import assert from 'node:assert/strict'
import {redactKnownText} from '../../../../src/lib/evidence/redaction/known-text.ts'
import {recently} from '../../../../src/lib/evidence/redaction/recently.ts'
import {RULES, rulesOfKinds} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'
import {CREDENTIAL_CANARIES} from './canaries.ts'

const MRN = 'A1234567'

describe('a text that comes again and again', () => {
  it('is redacted each time as if it had never been seen', () => {
    const clean = ['prod-east', 'system:serviceaccount:kube-system:replicaset-controller', '']
    for (let round = 0; round < 3; round += 1)
      for (const text of [...clean, ...CREDENTIAL_CANARIES.map((one) => one.text)])
        assert.deepEqual(redactKnownText(text, RULES), redactText(text, RULES), text)
  })

  it('that is clean by itself is found under a label, and under one label where it is clean under another', () => {
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(redactKnownText(MRN, RULES).hits, [])
      assert.deepEqual(redactKnownText(MRN, RULES, undefined, 'release').hits, [])
      assert.deepEqual(redactKnownText(MRN, RULES, undefined, 'mrn').hits, ['mrn'])
    }
  })

  it('is not taken for another one whose label and text read the same in a row', () => {
    assert.deepEqual(redactKnownText(`n${MRN}`, RULES, undefined, 'mr').hits, [])
    assert.deepEqual(redactKnownText(MRN, RULES, undefined, 'mrn').hits, ['mrn'])
  })

  it('that is clean by some rules is found by more', () => {
    const [few, text] = [rulesOfKinds(['credential']), 'jane@hospital.example']
    assert.deepEqual(redactKnownText(text, few).hits, [])
    assert.deepEqual(redactKnownText(text, RULES).hits, ['email'])
    assert.deepEqual(redactKnownText(text, few).hits, [])
  })
})

describe('what was met recently', () => {
  it('is remembered up to a bound, and longer where it is met again', () => {
    const names = recently(3)
    for (const name of ['kept', 'a', 'b', 'c']) names.add(name)
    assert.ok(names.has('kept'))
    for (const name of ['d', 'e', 'f', 'g', 'h']) names.add(name)
    assert.deepEqual([names.has('a'), names.has('b'), names.has('h')], [false, false, true])
    const held = ['kept', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].filter((name) => names.has(name))
    assert.ok(held.length <= 6, held.join())
  })
})
