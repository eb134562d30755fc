/** The keys that an issuer signs its tokens with, by its discovery document (OpenID Connect Discovery 1.0; RFC 7517). */
import {createPublicKey, type KeyObject} from 'node:crypto'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {GetJson} from './get-json.ts'

const Discovery = z.looseObject({issuer: z.string(), jwks_uri: z.string()})
const JsonWebKey = z.looseObject({kty: z.string(), kid: z.string().optional(), use: z.string().optional(), alg: z.string().optional()})
const KeySet = z.looseObject({keys: z.array(JsonWebKey).max(64)})

const SMALLEST_MODULUS = 2048

/**
 * RSA keys for signatures, by `kid`. Both documents must come from the issuer's own host.
 * @throws AppError `identity.unreachable`, `identity.invalid`
 */
export async function issuerKeys(issuer: string, getJson: GetJson): Promise<ReadonlyMap<string, KeyObject>> {
  const discovery = Discovery.safeParse(await getJson({url: new URL(`${issuer}/.well-known/openid-configuration`), what: "the issuer's description"}))
  if (!discovery.success) throw new AppError('identity.unreachable', `${issuer} does not describe itself as an issuer`)
  const {issuer: called, jwks_uri: address} = discovery.data
  if (called !== issuer) throw new AppError('identity.invalid', `what answers for ${issuer} calls itself otherwise`)
  if (!URL.canParse(address) || new URL(address).origin !== new URL(issuer).origin)
    throw new AppError('identity.invalid', `${issuer} names keys that lie on another server`)
  const set = KeySet.safeParse(await getJson({url: new URL(address), what: "the issuer's keys"}))
  if (!set.success) throw new AppError('identity.unreachable', `${issuer} answered without keys`)
  return byId(set.data.keys, issuer)
}

function byId(keys: z.infer<typeof KeySet>['keys'], issuer: string): Map<string, KeyObject> {
  const found = new Map<string, KeyObject>()
  for (const {kid, ...jwk} of keys) {
    if (kid === undefined || jwk.kty !== 'RSA' || (jwk.use ?? 'sig') !== 'sig' || (jwk.alg ?? 'RS256') !== 'RS256') continue
    // Of two keys by one name nobody can say which is meant.
    if (found.has(kid)) throw new AppError('identity.invalid', `${issuer} has two keys by the name ${JSON.stringify(kid.slice(0, 64))}`)
    const key = readKey(jwk)
    if (key !== undefined) found.set(kid, key)
  }
  return found
}

function readKey(jwk: {readonly kty: string}): KeyObject | undefined {
  try {
    const key = createPublicKey({key: {...jwk}, format: 'jwk'})
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= SMALLEST_MODULUS ? key : undefined
  } catch {
    return undefined
  }
}
