import assert from 'node:assert/strict'
import fc from 'fast-check'
import {AppError} from '../../../src/lib/errors.ts'
import {decodeExtra, encodeExtra} from '../../../src/lib/ledger/proof-extra.ts'
import {formatProof, parseProof} from '../../../src/lib/ledger/tlog-proof.ts'

const HASH = 'ab'.repeat(32)
const CHECKPOINT = `acme.example/log\n1\n${Buffer.alloc(32).toString('base64')}\n\n— acme.example/log AAAAAAAA\n`
const GOOD = {extra: Buffer.from('x'), index: 73_894, path: [HASH, HASH], checkpoint: CHECKPOINT}
const isUnreadable = (error: unknown) => error instanceof AppError && error.code === 'proof.unreadable'
const parse = (text: string) => parseProof(Buffer.from(text))

describe('a tlog-proof', () => {
  it('is written as its specification says', () => {
    const hash = Buffer.from(HASH, 'hex').toString('base64')
    assert.equal(formatProof(GOOD), `c2sp.org/tlog-proof@v1\nextra eA==\nindex 73894\n${hash}\n${hash}\n\n${CHECKPOINT}`)
    assert.equal(formatProof({index: 0, path: [], checkpoint: CHECKPOINT}), `c2sp.org/tlog-proof@v1\nindex 0\n\n${CHECKPOINT}`)
  })

  it('is read back as it was written', () => {
    const proofs = fc.record(
      {
        extra: fc.uint8Array({minLength: 1}),
        index: fc.nat({max: 10 ** 14}),
        path: fc.array(
          fc.uint8Array({minLength: 32, maxLength: 32}).map((bytes) => Buffer.from(bytes).toString('hex')),
          {maxLength: 53},
        ),
        checkpoint: fc.string({unit: 'grapheme'}),
      },
      {noNullPrototype: true, requiredKeys: ['index', 'path', 'checkpoint']},
    )
    fc.assert(
      fc.property(proofs, (proof) => {
        const {extra, ...rest} = parse(formatProof(proof))
        assert.deepEqual({...rest, ...(extra !== undefined && {extra: Uint8Array.from(extra)})}, proof)
      }),
    )
  })

  const good = formatProof(GOOD)
  const hostile: Readonly<Record<string, string>> = {
    nothing: '',
    'another version': good.replace('@v1', '@v2'),
    'carriage returns': good.replaceAll('\n', '\r\n'),
    'a byte order mark': `\uFEFF${good}`,
    'no index': good.replace('index 73894\n', ''),
    'two indexes': good.replace('index 73894\n', 'index 73894\nindex 73894\n'),
    'a huge index': good.replace('73894', '9'.repeat(40)),
    'a negative index': good.replace('73894', '-1'),
    'an index with a leading zero': good.replace('73894', '073894'),
    'an index that is no integer': good.replace('73894', '7e3'),
    'two extras': good.replace('extra eA==\n', 'extra eA==\nextra eA==\n'),
    'extra after the index': good.replace('extra eA==\nindex 73894\n', 'index 73894\nextra eA==\n'),
    'an empty extra': good.replace('extra eA==', 'extra '),
    'base64 that ends in other bits': good.replace('eA==', 'eB=='),
    'base64 without padding': good.replace('eA==', 'eA'),
    'base64 of URLs': good.replace('eA==', '_-=='),
    'a short hash': good.replace(/\n[^\n]{44}\n/, `\n${Buffer.alloc(31).toString('base64')}\n`),
    'a hash that ends in other bits': good.replace('s=\n', 't=\n'),
    'a space at the end of a line': good.replace('73894\n', '73894 \n'),
    'no checkpoint': good.slice(0, good.indexOf('\n\n')),
    'cut before the empty line': good.slice(0, good.indexOf('\n\n') + 1),
    'more hashes than any tree is high': formatProof({...GOOD, path: Array.from({length: 54}, () => HASH)}),
    megabytes: formatProof({...GOOD, checkpoint: 'x'.repeat(2_000_000)}),
  }
  for (const [what, text] of Object.entries(hostile))
    it(`is not read: ${what}`, () => {
      assert.notEqual(text, good)
      assert.throws(() => parse(text), isUnreadable)
    })

  it('is not read where it is no UTF-8', () => {
    assert.throws(() => parseProof(Buffer.concat([Buffer.from(good), Uint8Array.of(0xff)])), isUnreadable)
  })
})

describe('what a proof carries', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.uint8Array({minLength: 1}), (leaf, record) => {
        const read = decodeExtra(encodeExtra({leaf: Buffer.from(leaf), record}))
        assert.deepEqual([Buffer.from(read.leaf).toString('utf8'), Uint8Array.from(read.record)], [leaf, record])
      }),
    )
  })

  const good = Buffer.from(encodeExtra({leaf: Buffer.from('{"a":"b\u001f"}'), record: Buffer.from('xy')})).toString('utf8')
  const hostile: Readonly<Record<string, string>> = {
    'not JSON': 'x',
    'a space': good.replace('"v":1', '"v": 1'),
    'another version': good.replace('"v":1', '"v":2'),
    'one member more': good.replace('}', ',"w":1}'),
    'a member twice': good.replace('"v":1', '"v":1,"v":1'),
    'another spelling of a character': good.replace(String.raw`\u001f`, String.raw`\u001F`),
    'half a character': good.replace('"leaf":"', String.raw`"leaf":"\ud800`),
    'base64 that ends in other bits': good.replace('eHk=', 'eHl='),
    'a leaf that no log can hold': JSON.stringify({v: 1, leaf: 'x'.repeat(65_536), record: 'eHk='}),
  }
  for (const [what, text] of Object.entries(hostile))
    it(`is not read: ${what}`, () => {
      assert.notEqual(text, good)
      assert.throws(() => decodeExtra(Buffer.from(text)), isUnreadable)
    })
})
