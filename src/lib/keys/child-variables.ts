/**
 * By which variables Cosign asks AWS as the same one as we did: the very credentials, not the way to find some.
 *
 * Its own search would go another way where several could answer, and the record says which kind signed.
 */
import type {AwsIdentity} from './credential-kind.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where KMS is, beyond the region. AWS_PROFILE is not among them: it would bring other credentials. */
const PLACE = ['AWS_ENDPOINT_URL_KMS', 'AWS_ENDPOINT_URL', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']
const KIND_OF_PLACE = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT']

export function childVariables(
  identity: AwsIdentity & {readonly secretAccessKey: string},
  region: string,
  endpoint: string | undefined,
  env: Environment,
): Record<string, string> {
  // An endpoint in the URI is the one that counts.
  const names = endpoint === undefined ? [...PLACE, ...KIND_OF_PLACE] : KIND_OF_PLACE
  return {
    ...Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    ...(identity.sessionToken && {AWS_SESSION_TOKEN: identity.sessionToken}),
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}
