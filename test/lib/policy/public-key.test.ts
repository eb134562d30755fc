import assert from 'node:assert/strict'
import {createHash, generateKeyPairSync} from 'node:crypto'
import {readPublicKey} from '../../../src/lib/policy/public-key.ts'

describe('readPublicKey', () => {
  it('reads a P-256 key and names it by the digest of its SPKI', () => {
    const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    const der = publicKey.export({type: 'spki', format: 'der'})
    const read = readPublicKey(publicKey.export({type: 'spki', format: 'pem'}).toString())
    assert.equal(read?.spki, createHash('sha256').update(der).digest('hex'))
  })

  it('refuses other curves and kinds', () => {
    const others = [generateKeyPairSync('ec', {namedCurve: 'P-384'}), generateKeyPairSync('ec', {namedCurve: 'secp256k1'}), generateKeyPairSync('ed25519')]
    for (const {publicKey} of others) assert.equal(readPublicKey(publicKey.export({type: 'spki', format: 'pem'}).toString()), undefined)
  })

  it('takes no private key for a pin', () => {
    const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    assert.equal(readPublicKey(privateKey.export({type: 'pkcs8', format: 'pem'}).toString()), undefined)
  })

  it('refuses what is no key', () => {
    for (const text of ['', 'ssh-ed25519 AAAA', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', '-----BEGIN PUBLIC KEY-----'])
      assert.equal(readPublicKey(text), undefined, text)
  })
})
