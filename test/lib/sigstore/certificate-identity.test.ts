/** Who a certificate is for, to the last bit. */
import assert from 'node:assert/strict'
import {generateKeyPairSync} from 'node:crypto'
import {X509Certificate} from '@sigstore/core'
import {certificateIdentity} from '../../../src/lib/sigstore/certificate-identity.ts'
import {IDENTITY, ISSUER} from '../../fakes/keyless-signer.ts'
import {startAuthorities} from '../../fakes/sigstore-authorities.ts'

describe('certificateIdentity', () => {
  let der: Buffer
  before(async () => {
    const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    const authorities = await startAuthorities()
    der = await authorities.certify(publicKey.export({type: 'spki', format: 'der'}), {identity: IDENTITY, issuer: ISSUER})
  })

  /** The certificate with `change` made at the last place where `text` stands in it. */
  function changed(text: string, change: (bytes: Buffer, at: number) => void): X509Certificate {
    const bytes = Buffer.from(der)
    const at = bytes.lastIndexOf(text)
    assert.notEqual(at, -1)
    change(bytes, at)
    return X509Certificate.parse(bytes)
  }

  it('is the subject alternative name and the issuer', () => {
    assert.deepEqual(certificateIdentity(X509Certificate.parse(Buffer.from(der))), {identity: IDENTITY, issuer: ISSUER})
  })

  it('is nobody where a character has its eighth bit set', () => {
    const eighth = (bytes: Buffer, at: number) => void (bytes[at + 2] = (bytes[at + 2] ?? 0) | 0x80)
    assert.equal(certificateIdentity(changed(IDENTITY, eighth)), undefined)
    assert.equal(certificateIdentity(changed(ISSUER, eighth)), undefined)
  })

  it('takes a URI and an e-mail address, and no other kind of name', () => {
    const kind = (tag: number) => certificateIdentity(changed(IDENTITY, (bytes, at) => void (bytes[at - 2] = tag)))
    assert.deepEqual(kind(0x86), {identity: IDENTITY, issuer: ISSUER})
    assert.deepEqual(kind(0x81), {identity: IDENTITY, issuer: ISSUER})
    for (const tag of [0x82, 0x87, 0x88, 0x06, 0x16]) assert.equal(kind(tag), undefined, `tag ${tag}`)
  })

  it('is nobody where two names stand side by side', () => {
    // The one name of n bytes becomes two: its first byte, and the others behind a tag and a length of their own.
    const split = changed(IDENTITY, (bytes, at) => {
      bytes[at - 1] = 1
      bytes[at + 1] = 0x86
      bytes[at + 2] = IDENTITY.length - 3
    })
    assert.equal(certificateIdentity(split), undefined)
  })
})
