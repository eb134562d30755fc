/**
 * The certificate that a provider shows, and whom Gatekeeper trusts for it.
 *
 * A self-made one is kept while it has a month to go, and is made anew then, with a new authority; the authorities before it
 * stay trusted as long as they are valid, because replicas load the new certificate one after the other.
 */
import {X509Certificate} from 'node:crypto'
import {certificateInUse, pemBlocks, trustedAuthorities} from '../../admission/manifests/installed-files.ts'
import type {KeyPair} from '../../admission/manifests/certificates.ts'
import {serverHost} from '../../admission/manifests/names.ts'
import {AppError} from '../../errors.ts'
import type {MakeCertificate} from '../../ports/certificates.ts'

const DAY = 86_400_000
const DAYS = 90
/** Left of a certificate that is still kept. */
const RENEW_DAYS = 30
/** Clocks differ. */
const BEFORE = 3_600_000

export interface WrittenBefore {
  /** Path and text of the Provider. */
  readonly provider: {readonly path: string; readonly text: string} | undefined
  readonly secret: {readonly path: string; readonly text: string} | undefined
}

export interface ServingCertificate {
  readonly pair: KeyPair
  /** PEM, the newest first. */
  readonly authorities: readonly string[]
  readonly until: Date
  readonly made: boolean
}

export interface CertificateAsked {
  readonly namespace: string
  /** Also where the one in use has more than a month to go. */
  readonly renew: boolean
  readonly before: WrittenBefore
}

/** @throws AppError `usage.input` */
export async function servingCertificate(
  {namespace, renew, before}: CertificateAsked,
  {now, makeCertificate}: {readonly now: () => Date; readonly makeCertificate: MakeCertificate},
): Promise<ServingCertificate> {
  const hosts = [serverHost(namespace), `${serverHost(namespace)}.cluster.local`]
  const trusted = stillTrusted(before, now())
  const inUse = before.secret === undefined ? undefined : certificateInUse(before.secret.text, before.secret.path)
  const until = inUse === undefined ? undefined : endOf(inUse, hosts, trusted)
  if (inUse !== undefined && until !== undefined && !renew && until.getTime() - now().getTime() > RENEW_DAYS * DAY)
    return {pair: inUse, authorities: trusted, until, made: false}
  const end = new Date(now().getTime() + DAYS * DAY)
  const {authority, certificate, key} = await makeCertificate({
    hosts,
    authority: `hipaa-ci admission ${now().toISOString().slice(0, 10)}`,
    from: new Date(now().getTime() - BEFORE),
    until: end,
  })
  return {pair: {certificate, key}, authorities: [authority, ...trusted], until: end, made: true}
}

/** PEM of every authority in a file that a person names. @throws AppError `usage.input` */
export function namedAuthorities(bytes: Uint8Array, flag: string): readonly string[] {
  const blocks = pemBlocks(Buffer.from(bytes).toString())
  if (blocks.length === 0) throw new AppError('usage.input', `${flag} holds no certificate (PEM)`)
  const other = blocks.find((block) => parsed(block)?.ca !== true)
  if (other !== undefined) throw new AppError('usage.input', `${flag} holds ${parsed(other)?.subject ?? 'something'}, which is no authority`)
  return blocks
}

/** Of those that an earlier run wrote. */
export function stillTrusted({provider}: Pick<WrittenBefore, 'provider'>, now: Date): readonly string[] {
  const written = provider === undefined ? [] : trustedAuthorities(provider.text, provider.path)
  return written.filter((block) => (parsed(block)?.validToDate.getTime() ?? 0) > now.getTime())
}

/** Undefined where it is not one that this installation can go on with. */
function endOf({certificate}: KeyPair, hosts: readonly string[], trusted: readonly string[]): Date | undefined {
  const own = parsed(certificate)
  if (own === undefined || !hosts.every((host) => own.checkHost(host) !== undefined)) return undefined
  return trusted.some((block) => own.verify(new X509Certificate(block).publicKey)) ? own.validToDate : undefined
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
