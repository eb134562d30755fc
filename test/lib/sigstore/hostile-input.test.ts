/** What somebody may attach to wear a verification out: answered with a refusal, before anything large is built from it. */
import assert from 'node:assert/strict'
import type {FoundSignature, Trust} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessBundle, type KeylessBundle} from '../../fakes/keyless-signer.ts'
import {startAuthorities, type Authorities} from '../../fakes/sigstore-authorities.ts'

const MB = 1024 * 1024
const signer = createSigner()
const GOOD = Buffer.from(signer.bundle({digests: [`sha256:${'a'.repeat(64)}`], predicateType: 'https://example.test/synthetic', predicate: {}})).toString()

/** The good bundle with something before its last brace. */
const extended = (text: string): Buffer => Buffer.from(`${GOOD.slice(0, -1)},${text}}`)
const within = (name: string, text: string): Buffer =>
  Buffer.from(GOOD.replace(new RegExp(`"${name}":("[^"]*"|\\{[^}]*\\}|\\[[^\\]]*\\])`), `"${name}":${text}`))

const BUNDLES: Readonly<Record<string, () => Buffer>> = {
  '32 MB of nested arrays': () => Buffer.from('['.repeat(32 * MB)),
  '32 MB of nested objects': () => Buffer.from('{"a":'.repeat(6 * MB)),
  'nested arrays in a good bundle': () => extended(`"more":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'millions of empty arrays': () => extended(`"more":[${'[],'.repeat(4 * MB)}[]]`),
  'a million signatures': () => within('signatures', `[${'{"sig":"AAAA"},'.repeat(1_000_000)}{"sig":"AAAA"}]`),
  'a thousand signatures': () => within('signatures', `[${'{"sig":"AAAA"},'.repeat(999)}{"sig":"AAAA"}]`),
  'a signature of 8 MB': () => within('sig', `"${'A'.repeat(8 * MB)}"`),
  'a hint of 8 MB': () => within('hint', `"${'A'.repeat(8 * MB)}"`),
  'a media type of 8 MB': () => within('mediaType', `"application/vnd.dev.sigstore.bundle.v0.3+json${'a'.repeat(8 * MB)}"`),
  'a payload of 32 MB that is not signed': () => within('payload', `"${'A'.repeat(32 * MB)}"`),
  'a payload of 32 MB that is not base64': () => within('payload', `"${'*'.repeat(32 * MB)}"`),
  'a payload of escapes': () => within('payload', `"${'\\u0041'.repeat(4 * MB)}"`),
  'a payload that never ends': () => Buffer.from(GOOD.replace(/"payload":"[^"]*"/, `"payload":"${'A'.repeat(8 * MB)}`).replaceAll('"}]}', '')),
  'backslashes and quotes': () => extended(`"more":"${'\\"'.repeat(8 * MB)}"`),
  'a backslash at the end of everything': () => Buffer.from(`{"a":"${'\\'.repeat(8 * MB)}`),
  'a number of 8 MB': () => extended(`"more":${'1'.repeat(8 * MB)}`),
  spaces: () => extended(`${' '.repeat(32 * MB)}"more":1`),
  'ten thousand log entries': () =>
    within('publicKey', `{"hint":""},"tlogEntries":[${'{"logId":{},"kindVersion":{},"inclusionProof":{"checkpoint":{}}},'.repeat(999)}{}]`),
  'a thousand timestamps': () =>
    within(
      'publicKey',
      `{"hint":""},"timestampVerificationData":{"rfc3161Timestamps":[${'{"signedTimestamp":"MAA="},'.repeat(999)}{"signedTimestamp":"MAA="}]}`,
    ),
  'a chain of certificates of 1 MB': () =>
    within('publicKey', `null,"x509CertificateChain":{"certificates":[${Array.from({length: 700}, () => `{"rawBytes":"${'A'.repeat(2000)}"}`).join(',')}]}`),
  'a certificate of 1 MB': () => within('publicKey', `null,"certificate":{"rawBytes":"${Buffer.alloc(MB, 0x30).toString('base64')}"}`),
  'a stand-in for a long text, and no long text': () => within('payload', '"(long0)"'),
  'a stand-in for another long text': () => Buffer.from(`${within('payload', '"(long0)"').toString().slice(0, -1)},"more":"${'A'.repeat(MB)}"}`),
  'names of the prototype': () => extended('"__proto__":{"mediaType":"x"},"constructor":{"prototype":1},"toString":1,"hasOwnProperty":null'),
  zeroes: () => Buffer.alloc(32 * MB),
  quotes: () => Buffer.alloc(32 * MB, 0x22),
  'no UTF-8': () => Buffer.alloc(MB, 0xff),
}

describe('verifySignature, of hostile input', () => {
  let authorities: Authorities
  let trust: Trust
  before(async () => {
    authorities = await startAuthorities()
    trust = {
      keys: [createSigner(), signer],
      identities: [{identity: IDENTITY, issuer: ISSUER}],
      trustedRoot: authorities.trustedRoot,
      timestampAuthorities: [{chain: authorities.timestampChain}],
    }
  })

  for (const [what, make] of Object.entries(BUNDLES)) {
    it(`refuses ${what}, in every form`, () => {
      const bytes = make()
      const text = bytes.toString('latin1')
      const annotations = {
        'dev.cosignproject.cosign/signature': 'AAAA',
        'dev.sigstore.cosign/bundle': text,
        'dev.sigstore.cosign/rfc3161timestamp': text,
      }
      const found: FoundSignature[] = [
        {form: 'bundle', bytes},
        {form: 'envelope', envelope: bytes, annotations},
        {form: 'simple-signing', payload: bytes, annotations},
        {
          form: 'simple-signing',
          payload: Buffer.from('{}'),
          annotations: {'dev.cosignproject.cosign/signature': text, 'dev.sigstore.cosign/certificate': text},
        },
      ]
      const refused = found.map((one) => verifySignature(one, trust, bytes).state)
      // The names mean nothing where they stand: the bundle is as good as before.
      const expected = what === 'names of the prototype' ? ['verified', 'failed', 'failed', 'failed'] : found.map(() => 'failed')
      assert.deepEqual(refused, expected)
    })
  }

  it('refuses a checkpoint with thousands of lines to verify', async () => {
    const bundle = await keylessBundle(authorities)
    const [entry] = bundle.verificationMaterial.tlogEntries ?? []
    if (entry === undefined) throw new Error('no entry')
    const proof = entry.inclusionProof as {checkpoint: {envelope: string}}
    const [, line = ''] = proof.checkpoint.envelope.split('\n\n')
    proof.checkpoint.envelope = `${proof.checkpoint.envelope}${line.repeat(10_000)}`
    assert.equal(outcome(bundle), 'attestation.unreadable')
  })

  it('refuses certificates and timestamps that are nested, or larger than any', async () => {
    const nested = Array.from({length: 4000}, (_, depth) => depth).reduce(
      (inner) => (inner.byteLength < 120 ? Buffer.concat([Buffer.of(0x30, inner.byteLength), inner]) : inner),
      Buffer.of(5, 0),
    )
    for (const der of [nested, Buffer.alloc(40_000, 0x30), Buffer.alloc(40_000, 0x04), Buffer.alloc(100)]) {
      const bundle = await keylessBundle(authorities)
      bundle.verificationMaterial.certificate = {rawBytes: der.toString('base64')}
      assert.equal(outcome(bundle), 'signature.invalid')
      const stamped = await keylessBundle(authorities)
      stamped.verificationMaterial.timestampVerificationData = {rfc3161Timestamps: [{signedTimestamp: der.toString('base64')}]}
      assert.equal(outcome(stamped), 'signature.invalid')
    }
  })

  function outcome(bundle: KeylessBundle): string {
    const result = verifySignature({form: 'bundle', bytes: Buffer.from(JSON.stringify(bundle))}, trust)
    return result.state === 'verified' ? 'verified' : result.reason
  }

  it('refuses trust that makes no sense, rather than fail', () => {
    const odd: Trust[] = [
      {keys: [{spki: '', pem: ''}]},
      {keys: [{...signer, pem: 'no PEM'}]},
      {keys: [], trustedRoot: {tlogs: 'x'}, identities: [{issuer: '', identity: ''}]},
    ]
    for (const one of odd) assert.equal(verifySignature({form: 'bundle', bytes: Buffer.from(GOOD)}, one).state, 'failed', JSON.stringify(one))
  })
})
