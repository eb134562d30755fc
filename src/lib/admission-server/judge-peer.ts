/**
 * Whether who is at the other end of a connection may ask.
 *
 * TLS itself lets everybody in, so that a refusal can be told and recorded. A resumed session shows no certificate, and is
 * "authorized" all the same: it never is here.
 */
import {createHash, type X509Certificate} from 'node:crypto'
import type {TLSSocket} from 'node:tls'
import {AppError} from '../errors.ts'
import type {AdmissionServerOptions, Peer} from '../ports/admission-server.ts'

export type AllowedClients = Pick<AdmissionServerOptions, 'clientNames' | 'clientSpki'>

export interface JudgedPeer extends Peer {
  /** Why it may not ask, whenever that is. */
  readonly refused?: string
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

/** @throws AppError `admission.server` where nobody could ask, or a name would let in more than itself */
export function checkAllowed({clientNames, clientSpki}: AllowedClients): void {
  if (clientNames.length === 0) throw new AppError('admission.server', 'no name of a client is given, so nobody could ask')
  const odd = clientNames.find((name) => !/^[^.\s*\p{C}][^\s*\p{C}]*$/u.test(name))
  if (odd !== undefined) throw new AppError('admission.server', `${JSON.stringify(odd)} is no name of a client`)
  if (clientSpki?.length === 0) throw new AppError('admission.server', 'no key of a client is given, so nobody could ask')
  const bad = clientSpki?.find((spki) => !/^[0-9a-f]{64}$/.test(spki))
  if (bad !== undefined) throw new AppError('admission.server', `${JSON.stringify(bad)} is no SHA-256 of a public key (64 hex)`)
}

/** Once for a connection: what it showed does not change. */
export function judgePeer(socket: TLSSocket, allowed: AllowedClients): JudgedPeer {
  const shown = socket.getPeerX509Certificate()
  if (shown === undefined) return {name: '', spki: '', from: 0, until: 0, refused: 'it showed no certificate'}
  const name = commonName(socket)
  const spki = createHash('sha256')
    .update(shown.publicKey.export({type: 'spki', format: 'der'}))
    .digest('hex')
  const peer = {name, spki, from: shown.validFromDate.getTime(), until: shown.validToDate.getTime()}
  const refused = refusalOf(socket, shown, peer, allowed)
  return refused === undefined ? peer : {...peer, refused}
}

/** @returns why `peer` may not ask now; its certificate may end while its connection stays */
export function refusalAt(peer: JudgedPeer, now: number): string | undefined {
  if (peer.refused !== undefined) return peer.refused
  return peer.from <= now && now < peer.until ? undefined : 'its certificate is expired, or not valid yet'
}

function refusalOf(socket: TLSSocket, shown: X509Certificate, {name, spki}: Peer, {clientNames, clientSpki}: AllowedClients): string | undefined {
  if (socket.isSessionReused()) return 'it resumed an earlier session'
  if (!socket.authorized) return `its certificate is not accepted: ${String(socket.authorizationError)}`
  if (!clientNames.some((client) => client === name || isDnsName(shown, client))) return 'its certificate names nobody who may ask'
  if (clientSpki !== undefined && !clientSpki.includes(spki)) return 'its key is not one that may ask'
  return undefined
}

function isDnsName(shown: X509Certificate, client: string): boolean {
  return shown.checkHost(client, {subject: 'never', wildcards: false}) !== undefined
}

/** Of several none: it would not be clear who it is. */
function commonName(socket: TLSSocket): string {
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : ''
}
