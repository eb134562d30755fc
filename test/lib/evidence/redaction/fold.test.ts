import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import * as fc from 'fast-check'
import {fold} from '../../../../src/lib/evidence/redaction/fold.ts'
import {redactJsonText} from '../../../../src/lib/evidence/redaction/json-text.ts'
import {RULES} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'

/** One number and one address, as whoever wants to get them past a detector might write them. */
const TRICKS: readonly (readonly [name: string, text: string, rule: string])[] = [
  ['full-width digits', '０７８-０５-１１２０', 'ssn'],
  ['Arabic digits', '٠٧٨-٠٥-١١٢٠', 'ssn'],
  ['Devanagari digits', '०७८-०५-११२०', 'ssn'],
  ['mathematical digits', '\u{1D7CE}\u{1D7D5}\u{1D7D6}-05-1120', 'ssn'],
  ['a zero-width space between digits', '078-\u200B05-11\u200B20', 'ssn'],
  ['a soft hyphen', '078-05-11\u00AD20', 'ssn'],
  ['a byte order mark', '07\uFEFF8-05-1120', 'ssn'],
  ['marks of direction', '\u202E078-05-\u206611\u206920', 'ssn'],
  ['a variation selector', '0\uFE0F78-05-1120', 'ssn'],
  ['a full-width dash', '078－05－1120', 'ssn'],
  ['an em dash', '078—05—1120', 'ssn'],
  ['a no-break space', 'SSN:\u00A0078\u00A005\u00A01120', 'ssn'],
  ['percent encoding', 'jane%40example.com', 'email'],
  ['percent encoding of the dashes', 'q=078%2D05%2D1120', 'ssn'],
  ['XML entities', '078&#45;05&#x2d;1120', 'ssn'],
  ['a full-width at sign', 'jane＠example.com', 'email'],
  ['JSON escapes in a string', String.raw`jane\u0040example.com`, 'email'],
  ['JSON in a string', String.raw`{\"password\": \"correct horse\"}`, 'password'],
  ['JSON in a string in a string', String.raw`{\\\"password\\\": \\\"correct horse\\\"}`, 'password'],
  ['full-width letters of a token', ['ＡＫＩＡ', 'IOSFODNN7EXAMPLE'].join(''), 'aws-key'],
  ["a terminal's colour", '\u001B[1;31m078-05-1120\u001B[0m', 'ssn'],
  ["a terminal's colour in the middle", '078-\u001B[7m05-11\u001B[27m20', 'ssn'],
  ['a colour as a string writes it', String.raw`\u001b[31m078-05-1120\u001b[0m`, 'ssn'],
  ['base64 of more than ASCII', Buffer.from('ssn de José: 078-05-1120 é').toString('base64'), 'ssn'],
  [
    'base64 in lines',
    Buffer.from(`${'- '.repeat(24)}078-05-1120${' -'.repeat(24)}`)
      .toString('base64')
      .replaceAll(/.{76}/g, '$&\n'),
    'ssn',
  ],
  ['base64 of gzip', gzipSync('the ssn is 078-05-1120').toString('base64'), 'ssn'],
  ['base64', Buffer.from('the ssn is 078-05-1120').toString('base64'), 'ssn'],
  ['base64 of a token', Buffer.from(['AKIA', 'IOSFODNN7EXAMPLE'].join('')).toString('base64'), 'aws-key'],
]

describe('a text as it is read', () => {
  for (const [name, text, rule] of TRICKS)
    it(`shows through ${name}`, () => {
      for (const around of [text, `before ${text} after`, `${'x '.repeat(40)}${text}\r\nnext`]) {
        const clean = redactText(around, RULES)
        assert.deepEqual(clean.hits, [rule], around)
        assert.equal(clean.text.replace(`[redacted:${rule}]`, '').includes('11'), false, clean.text)
        assert.deepEqual(JSON.parse(redactJsonText(JSON.stringify({a: around}), RULES).text), {a: clean.text})
      }
    })

  it('takes nothing beside it', () => {
    assert.equal(redactText('é 078-\u200B05-1120 ü', RULES).text, 'é [redacted:ssn] ü')
    assert.equal(redactText('p%40ss is 078%2D05%2D1120, 100 %', RULES).text, 'p%40ss is [redacted:ssn], 100 %')
  })

  it('is undefined where it reads as it is written, also in other languages', () => {
    for (const text of ['plain', 'größer als nötig', '東京', '100 % of it', 'a & b', String.raw`C:\Users\x`, '']) assert.equal(fold(text), undefined, text)
  })

  it('knows where each letter came from', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom('%40', '&#45;', '\u200B', '８', String.raw`\u0041`, '&shy;')), {maxLength: 12}),
        (parts) => {
          const text = parts.join('')
          const folded = fold(text)
          if (folded === undefined) return
          assert.equal(folded.from.length, folded.text.length + 1)
          assert.equal(folded.from.at(-1), text.length)
          for (let index = 1; index < folded.from.length; index += 1) assert.ok((folded.from[index] ?? 0) >= (folded.from[index - 1] ?? 0))
        },
      ),
      {numRuns: 500},
    )
  })
})
