/** On bundles that Cosign wrote, and on those bundles with one thing changed. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {SIGN_TYPE, Statement} from '../../../src/lib/evidence/statement.ts'
import {readPublicKey} from '../../../src/lib/policy/public-key.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'

const recording = (name: string): Buffer => readFileSync(new URL(`../../recordings/cosign@3.1.2/${name}`, import.meta.url))
const SIGNATURE = recording('signature.json')
const KEY = readPublicKey(recording('key.pub').toString()) ?? createSigner()
const KEYS = [createSigner(), KEY]

interface Envelope {
  payload: string
  payloadType: string
  signatures: {sig: string; keyid?: string}[]
}

interface Bundle {
  mediaType: string
  verificationMaterial: {publicKey?: {hint: string}; tlogEntries?: unknown[]; timestampVerificationData?: unknown}
  dsseEnvelope: Envelope
}

/** Cosign's bundle after `change`. */
function changed(change: (bundle: Bundle) => void): Uint8Array {
  const bundle = JSON.parse(SIGNATURE.toString()) as Bundle
  change(bundle)
  return Buffer.from(JSON.stringify(bundle))
}

/** One bit of base64 content turned. */
function turned(text: string, at = 10): string {
  const bytes = Buffer.from(text, 'base64')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes.toString('base64')
}

function reasonOf(bundle: Uint8Array, keys = KEYS): string {
  const check = verifySignature({form: 'bundle', bytes: bundle}, {keys})
  return check.state === 'verified' ? 'verified' : check.reason
}

/** The predicate type that is told of a bundle which is refused. */
function claimed(bundle: Uint8Array): string | undefined {
  const check = verifySignature({form: 'bundle', bytes: bundle}, {keys: [KEY]})
  return check.state === 'failed' ? check.predicateType : 'verified'
}

describe('verifySignature', () => {
  it('verifies what Cosign signed, and gives the payload as signed', () => {
    const check = verifySignature({form: 'bundle', bytes: SIGNATURE}, {keys: KEYS})
    assert.equal(check.state, 'verified')
    if (check.state !== 'verified' || check.content.kind !== 'statement') throw new Error('not verified')
    assert.deepEqual(check.signer, {spki: KEY.spki})
    assert.equal(Statement.parse(check.content.statement).predicateType, SIGN_TYPE)
    assert.deepEqual(JSON.parse(Buffer.from(check.content.payload).toString()), check.content.statement)
  })

  it('verifies what the test signer signs in the same way', () => {
    const signer = createSigner()
    const bundle = signer.bundle({digests: [`sha256:${'a'.repeat(64)}`], predicateType: SIGN_TYPE, predicate: {}})
    assert.equal(reasonOf(bundle, [signer]), 'verified')
    assert.deepEqual(Object.keys(JSON.parse(Buffer.from(bundle).toString()) as object), Object.keys(JSON.parse(SIGNATURE.toString()) as object))
  })

  it('accepts an empty set of timestamps, and a key id that nobody needs', () => {
    assert.equal(reasonOf(changed((bundle) => void (bundle.verificationMaterial.timestampVerificationData = {}))), 'verified')
    assert.equal(reasonOf(changed((bundle) => void (bundle.verificationMaterial.tlogEntries = []))), 'verified')
    assert.equal(
      reasonOf(changed(({dsseEnvelope}) => void (dsseEnvelope.signatures = dsseEnvelope.signatures.map(({sig}) => ({sig, keyid: 'any'}))))),
      'verified',
    )
  })

  it('neither trusts nor minds an entry of a public log: the key alone counts', () => {
    const entry = {
      logIndex: '1',
      logId: {keyId: 'AAAA'},
      kindVersion: {kind: 'dsse', version: '0.0.1'},
      integratedTime: '1700000000',
      inclusionPromise: {signedEntryTimestamp: 'AAAA'},
      inclusionProof: {logIndex: '1', rootHash: 'AAAA', treeSize: '2', hashes: [], checkpoint: {envelope: 'synthetic'}},
      canonicalizedBody: 'e30=',
    }
    const logged = (bundle: Bundle) => void (bundle.verificationMaterial.tlogEntries = [entry])
    assert.equal(reasonOf(changed(logged)), 'verified')
    const tampered = (bundle: Bundle) => {
      logged(bundle)
      bundle.dsseEnvelope.payload = turned(bundle.dsseEnvelope.payload)
    }
    assert.equal(reasonOf(changed(tampered)), 'signature.invalid')
  })

  const damaged: [string, (bundle: Bundle) => void, string][] = [
    ['a byte of the payload', ({dsseEnvelope}) => void (dsseEnvelope.payload = turned(dsseEnvelope.payload)), 'signature.invalid'],
    [
      'the payload, re-encoded',
      ({dsseEnvelope}) => void (dsseEnvelope.payload = Buffer.from(`${Buffer.from(dsseEnvelope.payload, 'base64').toString()} `).toString('base64')),
      'signature.invalid',
    ],
    ['a byte of the signature', ({dsseEnvelope: {signatures}}) => signatures.forEach((each) => (each.sig = turned(each.sig))), 'signature.invalid'],
    ['the signature, emptied', ({dsseEnvelope: {signatures}}) => signatures.forEach((each) => (each.sig = '')), 'attestation.unreadable'],
    ['the payload type', ({dsseEnvelope}) => void (dsseEnvelope.payloadType = 'application/json'), 'signature.invalid'],
    ['the payload type, emptied', ({dsseEnvelope}) => void (dsseEnvelope.payloadType = ''), 'signature.invalid'],
    ['the hint', ({verificationMaterial}) => void (verificationMaterial.publicKey = {hint: Buffer.alloc(32, 7).toString('base64')}), 'signature.wrong-key'],
    ['the hint, to the same in hex', ({verificationMaterial}) => void (verificationMaterial.publicKey = {hint: KEY.spki}), 'signature.wrong-key'],
    [
      'the signer, who is named twice',
      ({verificationMaterial}) => void Object.assign(verificationMaterial, {certificate: {rawBytes: 'AAAA'}}),
      'attestation.unreadable',
    ],
    ['the content, which is there twice', (bundle) => void Object.assign(bundle, {messageSignature: {}}), 'attestation.unreadable'],
    ['the payload, by a character that is no base64', ({dsseEnvelope}) => void (dsseEnvelope.payload += ' '), 'attestation.unreadable'],
    [
      'the hint, to another trusted key',
      ({verificationMaterial}) => void (verificationMaterial.publicKey = {hint: Buffer.from(KEYS[0]?.spki ?? '', 'hex').toString('base64')}),
      'signature.invalid',
    ],
    ['a second signature', ({dsseEnvelope}) => void dsseEnvelope.signatures.push(...structuredClone(dsseEnvelope.signatures)), 'signature.invalid'],
    ['no signature', ({dsseEnvelope}) => void (dsseEnvelope.signatures = []), 'signature.invalid'],
    ['an entry of a log that nobody knows', ({verificationMaterial}) => void (verificationMaterial.tlogEntries = [{}]), 'attestation.unreadable'],
    ['the media type', (bundle) => void (bundle.mediaType = 'application/json'), 'attestation.unreadable'],
    ['the verification material, taken away', (bundle) => void (bundle.verificationMaterial = {}), 'attestation.unreadable'],
  ]
  for (const [what, change, expected] of damaged) {
    it(`refuses Cosign’s bundle, changed in ${what}: ${expected}`, () => {
      assert.equal(reasonOf(changed(change)), expected)
    })
  }

  it('tries every key where the bundle does not say which', () => {
    const silent = changed(({verificationMaterial}) => void (verificationMaterial.publicKey = {hint: ''}))
    assert.equal(reasonOf(silent), 'verified')
    assert.equal(reasonOf(silent, [createSigner(), createSigner()]), 'signature.wrong-key')
    assert.equal(reasonOf(silent, []), 'signature.wrong-key')
  })

  it('refuses another key, a certificate, and a signature over a blob', () => {
    assert.equal(reasonOf(recording('other-key.json')), 'signature.wrong-key')
    assert.equal(reasonOf(recording('certificate.json')), 'signature.wrong-key')
    assert.equal(reasonOf(recording('blob.json')), 'attestation.unreadable')
    assert.equal(reasonOf(SIGNATURE, []), 'signature.wrong-key')
  })

  it('refuses what is no bundle', () => {
    const texts = ['', ' ', '{}', '[]', 'null', '0', '"text"', SIGNATURE.toString().slice(0, -20), `${SIGNATURE.toString()}x`, '{"dsseEnvelope":null}']
    for (const text of texts) assert.equal(reasonOf(Buffer.from(text)), 'attestation.unreadable', text.slice(0, 40))
    assert.equal(reasonOf(Buffer.from([0xff, 0xfe, 0x00])), 'attestation.unreadable')
  })

  it('refuses a signed payload that is not JSON', () => {
    const signer = createSigner()
    assert.equal(reasonOf(signer.bundle(Buffer.from('no JSON here')), [signer]), 'attestation.invalid')
    assert.equal(reasonOf(signer.bundle(Buffer.alloc(0)), [signer]), 'attestation.unreadable')
  })

  it('names the claimed predicate type of what it refuses, as a hint', () => {
    assert.equal(claimed(recording('other-key.json')), SIGN_TYPE)
    for (const payload of ['null', '[]', '7', '{"predicateType":7}', 'no JSON'])
      assert.equal(claimed(changed(({dsseEnvelope}) => void (dsseEnvelope.payload = Buffer.from(payload).toString('base64')))), undefined, payload)
  })

  it('never verifies a bundle with any byte of it changed to mean something else', () => {
    const original = verifySignature({form: 'bundle', bytes: SIGNATURE}, {keys: KEYS})
    fc.assert(
      fc.property(fc.nat(SIGNATURE.byteLength - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(SIGNATURE)
        bytes[at] = byte
        const check = verifySignature({form: 'bundle', bytes}, {keys: KEYS})
        if (check.state === 'verified') assert.deepEqual(check, original)
      }),
      {numRuns: 300},
    )
  })

  it('survives anything', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 200}), (bytes) => assert.notEqual(reasonOf(bytes), 'verified')))
    fc.assert(fc.property(fc.json(), (text) => assert.notEqual(reasonOf(Buffer.from(text)), 'verified')))
  })
})
