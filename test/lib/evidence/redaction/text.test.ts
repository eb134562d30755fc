import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {RULE_COUNT, RULES, rulesOfKinds} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'
import {redactionKey, redactionToken, TOKEN} from '../../../../src/lib/evidence/redaction/token.ts'
import {CANARIES, HARMLESS, LABELLED} from './canaries.ts'
import {CORPUS} from './corpus.ts'

const KEY = redactionKey(Buffer.alloc(32, 7))
const OTHER_KEY = redactionKey(Buffer.alloc(32, 8))
const letter = (letters: string) => fc.constantFrom(...letters.split(''))
const hex = (length: number) => fc.string({unit: letter('0123456789abcdef'), minLength: length, maxLength: length})
const digits = (length: number) => fc.string({unit: letter('0123456789'), minLength: length, maxLength: length})
const ulid = fc.string({unit: letter('0123456789ABCDEFGHJKMNPQRSTVWXYZ'), minLength: 25, maxLength: 25}).map((tail) => `0${tail}`)
const version = fc
  .tuple(fc.nat(99), fc.nat(999), fc.nat(9999), fc.constantFrom('', '-rc.1', '+build.7', '~deb12u2', '-1ubuntu2.3'))
  .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`)
const time = fc.date({noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01')}).map((date) => date.toISOString())
const purl = fc
  .tuple(fc.constantFrom('npm', 'maven', 'deb/debian', 'golang/github.com'), fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), version)
  .map(([type, name, at]) => `pkg:${type}/${name}@${at}`)
const around = fc.constantFrom(' ', '"', "'", '(', ')', ',', ';', '\n', '\t', '[', ']', '|')

describe('redaction of text', () => {
  for (const {rule, value, text} of CANARIES)
    it(`finds ${rule} in ${text
      .replace(value, '…')
      .replaceAll('\n', String.raw`\n`)
      .slice(0, 60)}`, () => {
      const clean = redactText(text, RULES)
      assert.ok(!clean.text.includes(value), clean.text)
      assert.deepEqual(clean.hits, [rule])
      assert.ok(clean.text.includes(`[redacted:${rule}]`), clean.text)
    })

  for (const {rule, label, value} of LABELLED)
    it(`finds ${rule} by the name of its field, ${label}`, () => {
      assert.deepEqual(redactText(String(value), RULES, undefined, label), {text: `[redacted:${rule}]`, hits: [rule]})
    })

  for (const text of HARMLESS)
    it(`leaves ${text.slice(0, 70)}`, () => {
      assert.deepEqual(redactText(text, RULES), {text, hits: []})
    })

  it('leaves digests, ids, versions, times and package URLs, wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, fc.oneof(hex(64), hex(40), ulid, version, time, purl, fc.uuid(), digits(13))), {minLength: 1, maxLength: 8}),
        (parts) => {
          const text = parts.flat().join('')
          assert.deepEqual(redactText(text, RULES), {text, hits: []})
        },
      ),
      {numRuns: 500},
    )
  })

  it('finds every SSN that could have been issued, and no other', () => {
    fc.assert(
      fc.property(digits(3), digits(2), digits(4), around, around, (area, group, serial, before, after) => {
        const issued = area !== '000' && area !== '666' && !area.startsWith('9') && group !== '00' && serial !== '0000'
        const hits = redactText(`${before}${area}-${group}-${serial}${after}`, RULES).hits.filter((rule) => rule !== 'itin')
        assert.deepEqual(hits, issued ? ['ssn'] : [])
      }),
      {numRuns: 500},
    )
  })

  it('finds a provider number only with the right check digit', () => {
    fc.assert(
      fc.property(digits(8), fc.constantFrom('1', '2'), (middle, first) => {
        const right = Array.from({length: 10}, (_, check) => redactText(`NPI ${first}${middle}${check}`, RULES).hits.length)
        assert.equal(
          right.reduce((sum, one) => sum + one, 0),
          1,
        )
      }),
    )
  })

  it('takes everything where hits overlap, and names the first', () => {
    const {text, hits} = redactText('password=078-05-1120', RULES)
    assert.deepEqual({text, hits}, {text: 'password=[redacted:password]', hits: ['password']})
    const stretched = redactText('mail 078-05-1120.x@example.com', RULES)
    assert.ok(!/078|example/.test(stretched.text), stretched.text)
  })

  it('changes nothing more the second time', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...CANARIES.map(({text}) => text)), fc.string()), {maxLength: 6}), (parts) => {
        const once = redactText(parts.join('\n'), RULES, KEY)
        assert.deepEqual(redactText(once.text, RULES, KEY), {text: once.text, hits: []})
      }),
      {numRuns: 300},
    )
  })

  it('takes time in proportion to the text, also where it nearly matches all the way', () => {
    const pieces = [
      'a',
      'a@',
      'a.',
      '1-',
      '://',
      'x:y@',
      'http://a:',
      'password',
      'password=',
      'secret:',
      'secret: ',
      '--token ',
      'eyJ',
      'eyJaaaaaaaa.',
      '-----BEGIN PRIVATE KEY-----',
      '/home/',
      'mrn: ',
      'dob ',
      '(212) ',
      'call ',
      '078 05 ',
      'bearer ',
      '"',
      '\\',
    ]
    // Quadratic, one of them alone would take minutes.
    for (const piece of pieces) redactText(piece.repeat(1_000_000 / piece.length), RULES)
  }).timeout(120_000)

  it('takes time in proportion to the text, also where each value nearly ends', () => {
    for (const {text} of CORPUS) {
      const nearly = text.slice(0, -1)
      redactText(`${nearly.repeat(1 + 50_000 / nearly.length)}\u0001`, RULES)
      redactText(`${nearly}\n{ `.repeat(1 + 50_000 / nearly.length), RULES)
    }
  }).timeout(300_000)

  it('counts its rules by name', () => {
    assert.equal(RULE_COUNT, new Set(RULES.map(({id}) => id)).size)
    assert.ok(rulesOfKinds(['place']).every(({id}) => id === 'home'))
  })
})

describe('the token', () => {
  const token = (text: string, key = KEY) => redactText(text, RULES, key).text.match(TOKEN)?.[0]

  it('is the same for the same value in another notation, and only then', () => {
    assert.equal(token('SSN: 078051120'), token('(078-05-1120)'))
    assert.equal(token('+1 (212) 555-0123'), token('Tel: 212.555.0123'))
    assert.equal(token('Jane@Example.com'), token('jane@example.com'))
    assert.notEqual(token('078-05-1120'), token('219-09-9999'))
  })

  it('is HMAC-SHA256 over rule, zero byte and value, cut to 16 hex', () => {
    assert.equal(redactionToken('ssn', '078051120', KEY), '[redacted:ssn:017b5c9c:3b99632902b46ecd]')
    assert.equal(token('078-05-1120'), redactionToken('ssn', '078051120', KEY))
  })

  it('names the key it was made with', () => {
    assert.notEqual(KEY.id, OTHER_KEY.id)
    assert.ok(token('078-05-1120')?.startsWith(`[redacted:ssn:${KEY.id}:`))
    assert.notEqual(token('078-05-1120'), token('078-05-1120', OTHER_KEY))
  })

  it('holds no digest without a key', () => {
    assert.equal(redactText('078-05-1120', RULES).text, '[redacted:ssn]')
  })

  it('is not made with a key that could be guessed', () => {
    assert.throws(() => redactionKey(Buffer.from('short')), {code: 'key.unreadable', message: 'the redaction key has 5 bytes, and needs at least 16'})
  })
})
