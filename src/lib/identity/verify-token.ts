/**
 * An identity token against its issuer's keys (RFC 7519, RFC 7515, RFC 8725; OpenID Connect Core 3.1.3.7).
 *
 * Rules: one algorithm, RS256, whatever the token's header asks for; a key is
 * found by its id, never tried; issuer, audience and time are compared before
 * anything that the token says is believed. Nothing of a token stands in an error.
 */
import {verify, type KeyObject} from 'node:crypto'
import {z} from 'zod'
import {isIssuer, type TokenOffer} from '../ci/token-offer.ts'
import type {Claims} from '../ci/verified-claims.ts'
import {AppError} from '../errors.ts'

const LONGEST_TOKEN = 16 * 1024
/** Seconds by which the clocks of issuer and job may differ. */
const TOLERANCE = 60

const Header = z.looseObject({alg: z.string(), kid: z.string().min(1), crit: z.never().optional()})
const Registered = z.looseObject({
  iss: z.string(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
})

export interface VerifyTokenParts {
  readonly offer: Pick<TokenOffer, 'issuer' | 'below' | 'audiences' | 'expected'>
  readonly keysOf: (issuer: string) => Promise<ReadonlyMap<string, KeyObject>>
  readonly now: Date
}

/** @throws AppError `identity.invalid`; what `keysOf` throws */
export async function verifyToken(token: string, {offer, keysOf, now}: VerifyTokenParts): Promise<{readonly issuer: string; readonly claims: Claims}> {
  const [, head, body, signature] = token.length > LONGEST_TOKEN ? [] : (/^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? [])
  if (head === undefined || body === undefined || signature === undefined) throw invalid('is no signed JSON web token')
  const header = Header.safeParse(decode(head))
  if (!header.success) throw invalid('has a header that is not understood')
  if (header.data.alg !== 'RS256') throw invalid('is not signed by RS256')
  const claims = Registered.safeParse(decode(body))
  if (!claims.success) throw invalid('does not say who issued it, for whom and until when')

  const {iss} = claims.data
  if (!isIssuer(offer, iss)) throw invalid(`was not issued by ${offer.issuer}`)
  const key = (await keysOf(iss)).get(header.data.kid)
  if (key === undefined) throw invalid(`is signed by a key that ${iss} does not know`)
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) throw invalid('has a signature that does not match')

  refuseUnfit(claims.data, offer, Math.floor(now.getTime() / 1000))
  return {issuer: iss, claims: claims.data}
}

function refuseUnfit(claims: z.infer<typeof Registered>, {audiences, expected}: VerifyTokenParts['offer'], now: number): void {
  const {aud, exp, nbf, iat} = claims
  if (!aud.some((one) => audiences.includes(one))) throw invalid(`is meant for somebody else than ${audiences.join(' or ')}`)
  if (exp + TOLERANCE <= now) throw invalid('has ended')
  if (Math.max(nbf ?? 0, iat ?? 0) - TOLERANCE > now) throw invalid('is not valid yet')
  const other = Object.keys(expected).find((name) => String(claims[name]) !== expected[name])
  if (other !== undefined) throw invalid(`is that of another job: its claim ${other} is not what the job's variables say`)
}

function decode(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(Buffer.from(part, 'base64url')))
  } catch {
    return undefined
  }
}

function invalid(what: string): AppError {
  return new AppError('identity.invalid', `the identity token ${what}`)
}
