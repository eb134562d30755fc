/**
 * A certificate for a server, and an authority that has issued it and nothing else (RFC 5280, ECDSA P-256 with SHA-256).
 *
 * The authority's key is dropped when its one certificate is signed: who gets hold of what is left can be no other server.
 */
// The library below asks for it, and brings none.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import {randomBytes, webcrypto} from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type {MakeCertificate} from '../ports/certificates.ts'

const KEYS = {name: 'ECDSA', namedCurve: 'P-256'}
const SIGNATURE = {name: 'ECDSA', hash: 'SHA-256'}

export const makeCertificate: MakeCertificate = async ({hosts, authority, from, until}) => {
  const [root, own] = [await pair(), await pair()]
  const validity = {notBefore: from, notAfter: until, signingAlgorithm: SIGNATURE}
  const issuer = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      serialNumber: serial(),
      name: [{CN: [authority]}],
      keys: root,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity,
      serialNumber: serial(),
      subject: [{CN: [hosts[0] ?? '']}],
      issuer: issuer.subjectName,
      publicKey: own.publicKey,
      signingKey: root.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(hosts.map((value) => ({type: 'dns', value}))),
        await SubjectKeyIdentifierExtension.create(own.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', own.privateKey), PemConverter.PrivateKeyTag)
  return {authority: lines(issuer.toString('pem')), certificate: lines(certificate.toString('pem')), key: lines(key)}
}

async function pair() {
  return webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify'])
}

/** Twenty octets at most, positive, and never told from the outside. */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes.readUInt8(0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function lines(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`
}
