/** Signatures over bytes, which the bundle names only by their digest. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import type {SignatureCheck} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'

const MESSAGE = Buffer.from('synthetic release notes')
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const signer = createSigner()

function check(bundle: Uint8Array, artifact?: Uint8Array | string, keys = [createSigner(), signer]): SignatureCheck {
  return verifySignature({form: 'bundle', bytes: bundle}, {keys}, artifact)
}

function outcome(...parameters: Parameters<typeof check>): string {
  const result = check(...parameters)
  return result.state === 'verified' ? 'verified' : result.reason
}

function changed(change: (content: {messageDigest: {algorithm: string; digest: string}; signature: string}) => void): Uint8Array {
  const json = JSON.parse(Buffer.from(signer.messageBundle(MESSAGE)).toString()) as {messageSignature: Parameters<typeof change>[0]}
  change(json.messageSignature)
  return Buffer.from(JSON.stringify(json))
}

describe('verifySignature, of a message', () => {
  it('verifies it against the bytes, and against their digest alone', () => {
    for (const artifact of [MESSAGE, digestOf(MESSAGE)]) {
      assert.deepEqual(check(signer.messageBundle(MESSAGE), artifact), {
        state: 'verified',
        signer: {spki: signer.spki},
        content: {kind: 'message', digest: digestOf(MESSAGE)},
      })
    }
  })

  it('verifies what any of many signatures looks like, by the digest as by the bytes', () => {
    for (let count = 0; count < 64; count++) {
      const message = Buffer.from(`synthetic ${count}`)
      assert.deepEqual(
        [outcome(signer.messageBundle(message), message), outcome(signer.messageBundle(message), digestOf(message))],
        ['verified', 'verified'],
        `${count}`,
      )
    }
  })

  it('refuses other bytes, whichever way they are given', () => {
    const other = Buffer.from('other bytes')
    for (const artifact of [other, digestOf(other), 'sha256:', '', MESSAGE.subarray(1)])
      assert.equal(outcome(signer.messageBundle(MESSAGE), artifact), 'signature.wrong-subject', String(artifact))
  })

  it('refuses a signature over other bytes whose digest is that of the right ones', () => {
    const other = JSON.parse(Buffer.from(signer.messageBundle(Buffer.from('other bytes'))).toString()) as {messageSignature: {signature: string}}
    const moved = changed((content) => void (content.signature = other.messageSignature.signature))
    for (const artifact of [MESSAGE, digestOf(MESSAGE)]) assert.equal(outcome(moved, artifact), 'signature.invalid', String(artifact))
  })

  it('refuses a signature that is damaged, none, or no signature at all', () => {
    const signatures: Record<string, string> = {
      damaged: 'AAAA',
      'not DER': Buffer.alloc(70, 7).toString('base64'),
      zeroes: Buffer.from('3006020100020100', 'hex').toString('base64'),
    }
    for (const [what, signature] of Object.entries(signatures)) {
      const bundle = changed((content) => void (content.signature = signature))
      for (const artifact of [MESSAGE, digestOf(MESSAGE)]) assert.equal(outcome(bundle, artifact), 'signature.invalid', `${what}, ${String(artifact)}`)
    }
    assert.equal(
      outcome(
        changed((content) => void (content.signature = '')),
        MESSAGE,
      ),
      'attestation.unreadable',
    )
  })

  it('refuses a digest of another algorithm', () => {
    assert.equal(
      outcome(
        changed(({messageDigest}) => void (messageDigest.algorithm = 'SHA2_512')),
        MESSAGE,
      ),
      'attestation.unreadable',
    )
    assert.equal(
      outcome(
        changed(({messageDigest}) => void (messageDigest.algorithm = 'HASH_ALGORITHM_UNSPECIFIED')),
        MESSAGE,
      ),
      'attestation.unreadable',
    )
  })

  it('does without a hint, and refuses a false one', () => {
    for (const artifact of [MESSAGE, digestOf(MESSAGE)]) {
      assert.equal(outcome(signer.messageBundle(MESSAGE, ''), artifact), 'verified', String(artifact))
      assert.equal(outcome(signer.messageBundle(MESSAGE, ''), artifact, [createSigner()]), 'signature.wrong-key', String(artifact))
      assert.equal(outcome(signer.messageBundle(MESSAGE, signer.spki), artifact), 'signature.wrong-key', String(artifact))
    }
  })

  it('cannot read one without the bytes, as Cosign’s own', () => {
    assert.equal(outcome(signer.messageBundle(MESSAGE)), 'attestation.unreadable')
    const recorded = readFileSync(new URL('../../recordings/cosign@3.1.2/blob.json', import.meta.url))
    assert.equal(outcome(recorded), 'attestation.unreadable')
  })
})
