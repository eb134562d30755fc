import assert from 'node:assert/strict'
import {generateKeyPairSync, sign} from 'node:crypto'
import {bundleBytes, isTimestamped, preAuthEncoding, signatureBytes, withTimestamp} from '../../../src/lib/evidence/bundle.ts'
import {statementBytes} from '../../../src/lib/evidence/statement.ts'
import {readPublicKey} from '../../../src/lib/policy/public-key.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'

const payload = statementBytes({predicateType: 'https://example.test/synthetic', predicate: {ü: 1}, digests: [`sha256:${'a'.repeat(64)}`]})

describe('a bundle', () => {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const key = readPublicKey(publicKey.export({type: 'spki', format: 'pem'}).toString())
  assert.ok(key)
  const signature = sign('sha256', preAuthEncoding(payload), privateKey)
  const bundle = bundleBytes({payload, signature, spki: key.spki})

  it('verifies with the key that signed, over the bytes that were signed', () => {
    const check = verifySignature({form: 'bundle', bytes: bundle}, {keys: [key]})
    assert.equal(check.state, 'verified')
    assert.ok(check.state === 'verified' && check.content.kind === 'statement' && Buffer.from(check.content.payload).equals(payload))
  })

  it('names the key by its hint, and gives the envelope no keyid', () => {
    const json = JSON.parse(Buffer.from(bundle).toString()) as {dsseEnvelope: {signatures: object[]}; verificationMaterial: object}
    assert.deepEqual(json.verificationMaterial, {publicKey: {hint: Buffer.from(key.spki, 'hex').toString('base64')}})
    assert.deepEqual(json.dsseEnvelope.signatures, [{sig: signature.toString('base64')}])
  })

  it('reads what somebody else put around the signature, which it does not cover', () => {
    for (const timestampVerificationData of [null, {}, {rfc3161Timestamps: null}, {rfc3161Timestamps: []}]) {
      const json = JSON.parse(Buffer.from(bundle).toString()) as {verificationMaterial: object}
      const bent = Buffer.from(JSON.stringify({...json, verificationMaterial: {...json.verificationMaterial, timestampVerificationData}}))
      assert.equal(isTimestamped(bent), false, JSON.stringify(timestampVerificationData))
    }
  })

  it('shows an authority the signature, and keeps all else as it is when it is stamped', () => {
    assert.deepEqual(Buffer.from(signatureBytes(bundle)), signature)
    assert.equal(isTimestamped(bundle), false)
    const stamped = withTimestamp(bundle, Buffer.from('synthetic'))
    assert.equal(isTimestamped(stamped), true)
    const {verificationMaterial, ...rest} = JSON.parse(Buffer.from(stamped).toString()) as Record<string, unknown>
    const {verificationMaterial: _, ...before} = JSON.parse(Buffer.from(bundle).toString()) as Record<string, unknown>
    assert.deepEqual(rest, before)
    assert.deepEqual(verificationMaterial, {
      publicKey: {hint: Buffer.from(key.spki, 'hex').toString('base64')},
      timestampVerificationData: {rfc3161Timestamps: [{signedTimestamp: Buffer.from('synthetic').toString('base64')}]},
    })
  })
})
