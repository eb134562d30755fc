/**
 * An authority and certificates for servers on loopback, made anew for each test run (RFC 5280, as far as TLS clients look).
 *
 * Promise: ECDSA P-256 with SHA-256; `issue` names exactly the hosts given; valid from an hour ago for so many hours,
 * which may be negative. Nothing is written to a disk, and nobody trusts it who is not told to.
 */
import {generateKeyPairSync, randomBytes, sign, type KeyObject} from 'node:crypto'

export interface IssuedCertificate {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface TestAuthority {
  /** PEM of the authority itself: what clients are told to trust. */
  readonly cert: string
  issue(hosts: readonly string[], hours?: number): IssuedCertificate
}

export function createAuthority(name = 'Synthetic Test Authority'): TestAuthority {
  const own = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const cert = certificate({issuer: name, subject: name, hours: 24, publicKey: own.publicKey, signer: own.privateKey, extensions: [AUTHORITY]})
  return {
    cert,
    issue(hosts, hours = 24) {
      const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
      const names = extension('551d11', sequence(...hosts.map((host) => tlv(0x82, Buffer.from(host)))))
      return {
        cert: certificate({issuer: name, subject: hosts[0] ?? '', hours, publicKey, signer: own.privateKey, extensions: [names]}),
        key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
      }
    },
  }
}

interface Parts {
  readonly issuer: string
  readonly subject: string
  readonly hours: number
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
}

const HOUR = 3_600_000

function certificate({issuer, subject, hours, publicKey, signer, extensions}: Parts): string {
  const serial = randomBytes(8)
  serial[0] = (serial.readUInt8(0) & 0x7f) | 0x40
  const validity = sequence(time(Date.now() - HOUR), time(Date.now() + hours * HOUR))
  const key = publicKey.export({type: 'spki', format: 'der'})
  const unsigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    commonName(issuer),
    validity,
    commonName(subject),
    key,
    tlv(0xa3, sequence(...extensions)),
  )
  const whole = sequence(unsigned, ECDSA_SHA256, tlv(0x03, Buffer.from([0]), sign('sha256', unsigned, signer)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** DER: tag, length, content. */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const {length} = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts)
}

/** @param oid hex of its DER content */
function extension(oid: string, value: Uint8Array, isCritical = false): Buffer {
  return sequence(tlv(0x06, Buffer.from(oid, 'hex')), ...(isCritical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value))
}

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from(name)))))
}

function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return tlv(0x18, Buffer.from(text))
}

const ECDSA_SHA256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
/** Basic constraints, critical: it may issue. */
const AUTHORITY = extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))), true)
