import assert from 'node:assert/strict'
import {judgeProof} from '../../../src/lib/ledger/judge-proof.ts'
import {ODD} from '../../fakes/odd-proofs.ts'
import {logKey, makeProof, ORIGIN} from '../../fakes/proof-maker.ts'

const ED = logKey()
const P256 = logKey('ecdsa-p256')
const judged = (text: string, key = ED) => judgeProof(Buffer.from(text), [key.verifier])
const reasonOf = (text: string, key = ED) => {
  const verdict = judged(text, key)
  return verdict.state === 'verified' ? 'verified' : verdict.reason
}

describe('judging a proof', () => {
  for (const key of [ED, P256])
    it(`verifies what a log signed by ${key.verifier.algorithm} holds, first, last and only`, () => {
      for (const [size, at] of [
        [1, 0],
        [2, 0],
        [7, 6],
        [8, 3],
        [300, 256],
      ] as const) {
        const {text, record} = makeProof({key, size, at})
        const verdict = judged(text, key)
        assert.ok(verdict.state === 'verified', `${at} of ${size}`)
        assert.deepEqual([verdict.index, verdict.record, verdict.leaf.sha256, verdict.checkpoint.size], [at, record.record, record.sha256, size])
        assert.equal(verdict.signedBy, key.verifier.text)
      }
    })

  for (const key of [ED, P256])
    it(`verifies no proof of ${key.verifier.algorithm} of which one bit was changed`, () => {
      const bytes = Buffer.from(makeProof({key, size: 3, at: 1}).text)
      const passed: number[] = []
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        if (judgeProof(changed, [key.verifier]).state === 'verified') passed.push(bit)
      }
      assert.deepEqual(passed, [])
    })

  it('verifies no proof that was cut, or has something after it', () => {
    const {text} = makeProof({key: ED})
    for (let end = 0; end < text.length; end += 1) assert.notEqual(reasonOf(text.slice(0, end)), 'verified', `cut at ${end}`)
    for (const more of ['\n', 'x', `— ${ORIGIN} AAAA\n`]) assert.equal(reasonOf(`${text}${more}`), 'proof.unreadable', JSON.stringify(more))
  })

  it('lets others sign the checkpoint, too', () => {
    const {text} = makeProof({key: ED})
    assert.equal(reasonOf(`${text}— witness.example ${Buffer.alloc(68, 1).toString('base64')}\n`), 'verified')
  })

  it('says that the key is another one', () => {
    const {text} = makeProof({key: ED})
    assert.equal(reasonOf(text, logKey()), 'proof.wrong-key')
    assert.equal(reasonOf(text, logKey('ecdsa-p256')), 'proof.wrong-key')
    const elsewhere = logKey('ed25519', 'other.example/log')
    assert.equal(reasonOf(text, elsewhere), 'proof.wrong-key')
    assert.deepEqual(judgeProof(Buffer.from(text), []).state, 'failed')
    assert.equal(reasonOf(makeProof({key: elsewhere}).text, ED), 'proof.wrong-key')
    // The right key's name on a checkpoint of another log.
    const renamed = makeProof({key: ED}).text.replace(`\n\n${ORIGIN}\n`, '\n\nother.example/log\n')
    assert.equal(reasonOf(renamed), 'proof.wrong-key')
  })

  it('verifies no proof whose parts come from different proofs', () => {
    const [one, other] = [makeProof({key: ED, at: 3}).text.split('\n'), makeProof({key: ED, at: 4, size: 9}).text.split('\n')]
    const swapped = (line: number) => one.map((text, at) => (at === line ? (other[at] ?? '') : text)).join('\n')
    assert.equal(reasonOf(one.join('\n')), 'verified')
    for (const line of [1, 2, 3, 4, 5]) assert.equal(reasonOf(swapped(line)), 'proof.invalid', `line ${line}`)
  })

  for (const [what, [options, reason]] of Object.entries(ODD))
    it(`does not take it from whoever holds the log's key: ${what}`, () => assert.equal(reasonOf(makeProof({key: ED, ...options}).text), reason))
})
