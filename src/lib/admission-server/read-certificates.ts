/**
 * The server's certificate, its key and the authority of its clients, from PEM files.
 *
 * Nothing is used of which a part does not fit: files are replaced one after the other. An empty authority is none; TLS would
 * take it for "all that the world trusts".
 */
import {createPrivateKey, X509Certificate} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {createSecureContext} from 'node:tls'
import {AppError} from '../errors.ts'
import type {AdmissionServerOptions} from '../ports/admission-server.ts'

export type CertificateFiles = Pick<AdmissionServerOptions, 'certificate' | 'key' | 'clientCa'>

export interface ServerCertificates {
  /** PEM. */
  readonly cert: string
  readonly key: string
  readonly ca: readonly string[]
  /** End of the own certificate. */
  readonly expires: Date
  /** The earliest end of an authority. */
  readonly clientCaExpires: Date
}

/** @throws AppError `admission.server` */
export async function readCertificates(files: CertificateFiles): Promise<ServerCertificates> {
  const [cert, key, authorities] = await Promise.all([readText(files.certificate), readText(files.key), readText(files.clientCa)])
  const [own] = certificatesIn(files.certificate, cert)
  const trusted = certificatesIn(files.clientCa, authorities)
  const stranger = trusted.find(({ca}) => !ca)
  if (stranger !== undefined) throw unusable(`${files.clientCa} holds a certificate that is no authority: ${nameOf(stranger)}`)
  if (!own.checkPrivateKey(privateKey(files.key, key))) throw unusable(`the key in ${files.key} is not that of the certificate in ${files.certificate}`)
  if (own.validToDate.getTime() <= Date.now()) throw unusable(`the certificate in ${files.certificate} expired at ${own.validToDate.toISOString()}`)
  const ca = trusted.map(String)
  try {
    createSecureContext({cert, key, ca})
  } catch (cause) {
    throw unusable(`the certificate in ${files.certificate} cannot be used: ${reasonOf(cause)}`, cause)
  }
  return {cert, key, ca, expires: own.validToDate, clientCaExpires: new Date(Math.min(...trusted.map(({validToDate}) => validToDate.getTime())))}
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unusable(`cannot read ${path}: ${reasonOf(cause)}`, cause)
  }
}

/** All of them, or none: one that was cut off makes the file unusable. */
function certificatesIn(path: string, text: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1) throw unusable(`a certificate in ${path} is cut off`)
  const [first, ...rest] = blocks.map((block) => parsed(path, block))
  if (first === undefined) throw unusable(`${path} holds no certificate (PEM)`)
  return [first, ...rest]
}

function parsed(path: string, block: string): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (cause) {
    throw unusable(`a certificate in ${path} cannot be read: ${reasonOf(cause)}`, cause)
  }
}

/** Nothing of its text goes into a message. */
function privateKey(path: string, text: string) {
  try {
    return createPrivateKey(text)
  } catch {
    throw unusable(`${path} holds no private key that can be read (PEM, without a password)`)
  }
}

function nameOf({subject}: X509Certificate): string {
  return subject.replaceAll('\n', ', ')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function unusable(message: string, cause?: unknown): AppError {
  return new AppError('admission.server', message, {cause})
}
