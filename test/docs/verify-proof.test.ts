/** The script of `docs/verify-proof.html`, run as it stands: what it says of a proof is what the command says. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {runInThisContext} from 'node:vm'
import {judgeProof, type ProofVerdict} from '../../src/lib/ledger/judge-proof.ts'
import {ODD} from '../fakes/odd-proofs.ts'
import {logKey, makeProof, ORIGIN, type LogKey} from '../fakes/proof-maker.ts'

type Verdict = {readonly state: 'verified'; readonly [name: string]: unknown} | {readonly state: 'failed'; readonly reason: string; readonly why: string}

const script = readFileSync(new URL('../../docs/verify-proof.js', import.meta.url), 'utf8')
const page = readFileSync(new URL('../../docs/verify-proof.html', import.meta.url), 'utf8')
const verify = runInThisContext(`(() => {${script}\nreturn verifyTlogProof})()`) as (bytes: Uint8Array, keys: string, origin?: string) => Promise<Verdict>

const ED = logKey()
const P256 = logKey('ecdsa-p256')

describe('the page that verifies proofs', function () {
  this.timeout(60_000)

  it('says the same of good proofs, word for word', async () => {
    for (const key of [ED, P256])
      for (const [size, at] of [
        [1, 0],
        [2, 1],
        [7, 6],
        [8, 3],
        [300, 256],
      ] as const)
        assert.equal((await same(makeProof({key, size, at}).text, key)).state, 'verified', `${at} of ${size}`)
  })

  it('says the same of proofs with one bit changed', async () => {
    for (const key of [ED, P256]) {
      const bytes = Buffer.from(makeProof({key, size: 3, at: 1}).text)
      // A stride that meets every line and every place of a bit in its byte.
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.notEqual((await same(changed, key)).state, 'verified', `bit ${bit}`)
      }
    }
  })

  it('says the same of what is cut, continued, doubled or written otherwise', async () => {
    const {text} = makeProof({key: ED})
    for (let end = 0; end < text.length; end += 11) await same(text.slice(0, end), ED)
    const lines = text.split('\n')
    for (let at = 0; at < lines.length; at += 1) {
      await same(lines.toSpliced(at, 1).join('\n'), ED)
      await same(lines.toSpliced(at, 0, lines[at] ?? '').join('\n'), ED)
      await same(lines.map((line, index) => (index === at ? `${line} ` : line)).join('\n'), ED)
    }
    const index = (other: string) => text.replace('\nindex 3\n', `\nindex ${other}\n`)
    for (const other of ['4', '03', '-1', '3.0', '7', '999999999999999', '9'.repeat(40)]) await same(index(other), ED)
    for (const other of [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`, text.replace('acme', 'acme\u0000'), `${text}x`]) await same(other, ED)
    for (const other of [`${text}— witness.example ${Buffer.alloc(68, 1).toString('base64')}\n`]) assert.equal((await same(other, ED)).state, 'verified')
    await same(text.replace('\n\n— ', '\nextension\n\n— '), ED)
    await same(Buffer.concat([Buffer.from(text), Uint8Array.of(0xff)]), ED)
  })

  it('says the same of other keys', async () => {
    const {text} = makeProof({key: ED})
    for (const key of [logKey(), logKey('ecdsa-p256'), logKey('ed25519', 'other.example/log')]) assert.equal((await same(text, key)).state, 'failed')
    await same(text.replace(`\n\n${ORIGIN}\n`, '\n\nother.example/log\n'), ED)
  })

  for (const [what, [options, reason]] of Object.entries(ODD))
    it(`says the same of what the log's own key could sign: ${what}`, async () => {
      for (const key of [ED, P256]) {
        const {text} = makeProof({key, ...options})
        const verdict = await same(text, key)
        assert.ok(verdict.state === 'failed' && (verdict.reason === reason || key === P256))
      }
    })

  it('takes no ECDSA signature that is written otherwise', async () => {
    const der = (text: Uint8Array) => Buffer.from(P256.sign(text))
    const odd: ((text: Uint8Array) => Buffer)[] = [
      (text) => Buffer.concat([der(text), Uint8Array.of(0)]),
      (text) => der(text).subarray(0, -1),
      (text) => Buffer.concat([Buffer.from([0x30, 0x81]), der(text).subarray(1)]),
      () => Buffer.from('3006020100020100', 'hex'),
      () => Buffer.from('3006020101020101', 'hex'),
      () => Buffer.from('30080201010203000001', 'hex'),
      () => Buffer.from('3000', 'hex'),
      () => Buffer.from('3006020181020181', 'hex'),
    ]
    for (const [at, sign] of odd.entries()) assert.notEqual((await same(makeProof({key: P256, sign}).text, P256)).state, 'verified', `number ${at}`)
  })

  it('takes keys in PEM with the name of their log, several keys, and remarks', async () => {
    for (const key of [ED, P256]) {
      const bytes = Buffer.from(makeProof({key}).text)
      const states = [
        await verify(bytes, key.pem, ORIGIN),
        await verify(bytes, `# the log of the tests\n${logKey().verifier.text}\n${key.verifier.text}\n`),
        await verify(bytes, key.pem, 'other.example/log'),
        await verify(bytes, key.pem),
      ]
      assert.deepEqual(states.map(reasonOf), ['verified', 'verified', 'proof.wrong-key', 'usage.flag'])
    }
  })

  it('takes no key that is none', async () => {
    const bytes = Buffer.from(makeProof({key: ED}).text)
    const {text} = ED.verifier
    const wrongId = text.replace(/\+[0-9a-f]{8}\+/, '+00000000+')
    const offCurve = Buffer.from(P256.verifier.spki)
    offCurve[90] = (offCurve[90] ?? 0) ^ 1
    const pem = `-----BEGIN PUBLIC KEY-----\n${offCurve.toString('base64')}\n-----END PUBLIC KEY-----\n`
    for (const none of ['x', text.slice(0, -4), `${text}A`, wrongId, text.replace(ORIGIN, 'renamed.example'), `a+b+${text}`])
      assert.equal(reasonOf(await verify(bytes, none)), 'checkpoint.unreadable-key', none)
    assert.equal(reasonOf(await verify(bytes, pem, ORIGIN)), 'checkpoint.unreadable-key')
    assert.equal(reasonOf(await verify(bytes, '')), 'usage.flag')
  })

  it('carries this very script, and lets nothing else run or connect', () => {
    assert.ok(page.includes(`<script id="verifier">\n${script}</script>`))
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? []
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+' 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/)
    assert.doesNotMatch(page, /https?:|src=|innerHTML|insertAdjacentHTML|document\.write|outerHTML|\bfetch\(|XMLHttpRequest|\beval\(|@import|url\(/)
  })
})

/** The page's verdict, once it is the command's. */
async function same(proof: string | Uint8Array, key: LogKey): Promise<Verdict> {
  const bytes = Buffer.from(proof)
  const [ours, theirs] = [judgeProof(bytes, [key.verifier]), await verify(bytes, key.verifier.text)]
  assert.deepEqual(theirs, comparable(ours), JSON.stringify(bytes.toString('utf8')))
  return theirs
}

function comparable(verdict: ProofVerdict): unknown {
  if (verdict.state === 'failed') return verdict
  const {origin, size, root} = verdict.checkpoint
  return {...verdict, checkpoint: {origin, size, root}}
}

function reasonOf(verdict: Verdict): string {
  return verdict.state === 'verified' ? 'verified' : verdict.reason
}
