/**
 * An authority and certificates for servers on loopback, made anew for each test run (RFC 5280, as far as TLS clients look).
 *
 * Promise: ECDSA P-256 with SHA-256; `issue` names exactly the hosts given, also addresses; `issueTo` names a subject and
 * no host; valid from an hour ago for so many hours, which may be negative; good for servers and clients. Nothing is written to a disk, and nobody trusts it who is not told to.
 */
import {generateKeyPairSync, randomBytes, sign, type KeyObject} from 'node:crypto'
import {isIPv4} from 'node:net'

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
  issueTo(subject: Subject, hosts?: readonly string[]): IssuedCertificate
}

export interface Subject {
  readonly name: string
  readonly organisations?: readonly string[]
}

export function createAuthority(name = 'Synthetic Test Authority'): TestAuthority {
  const own = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const issuer = {name}
  const cert = certificate({issuer, subject: issuer, hours: 24, publicKey: own.publicKey, signer: own.privateKey, extensions: [AUTHORITY]})
  const issueTo = (subject: Subject, hosts: readonly string[] = [], hours = 24) => {
    const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    const extensions = hosts.length === 0 ? [] : [extension('551d11', sequence(...hosts.map(alternativeName)))]
    return {
      cert: certificate({issuer, subject, hours, publicKey, signer: own.privateKey, extensions}),
      key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
    }
  }
  return {cert, issue: (hosts, hours) => issueTo({name: hosts[0] ?? ''}, hosts, hours), issueTo}
}

interface Parts {
  readonly issuer: Subject
  readonly subject: Subject
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
    distinguishedName(issuer),
    validity,
    distinguishedName(subject),
    key,
    ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
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

function distinguishedName({name, organisations = []}: Subject): Buffer {
  const part = (oid: string, text: string) => tlv(0x31, sequence(tlv(0x06, Buffer.from(oid, 'hex')), tlv(0x0c, Buffer.from(text))))
  return sequence(...organisations.map((text) => part('55040a', text)), part('550403', name))
}

function alternativeName(host: string): Buffer {
  return isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host))
}

function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return tlv(0x18, Buffer.from(text))
}

const ECDSA_SHA256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
/** Basic constraints, critical: it may issue. */
const AUTHORITY = extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))), true)
