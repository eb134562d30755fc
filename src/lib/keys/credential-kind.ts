/**
 * What kind of AWS credential answered. Only its kind ever leaves this room.
 *
 * What tells is the credential itself: one without a session token does not end. Which provider it came from is what
 * the SDK notes on it (`$source`, the feature ids of its user agent); where it came by variables, nobody can say how.
 */
import type {ServiceCredential} from '../evidence/details.ts'

export interface AwsIdentity {
  readonly accessKeyId: string
  readonly sessionToken?: string | undefined
  readonly $source?: Readonly<Record<string, unknown>> | undefined
}

/** The first that fits names the kind. */
const SOURCES: readonly (readonly [RegExp, ServiceCredential])[] = [
  [/WEB_ID/, 'web-identity'],
  [/SSO|LOGIN/, 'sso'],
  [/STS_ASSUME_ROLE|ENV_VARS|PROFILE|PROCESS/, 'assumed-role'],
  [/HTTP|IMDS/, 'instance-role'],
]

export function credentialKind({accessKeyId, sessionToken, $source: source = {}}: AwsIdentity): ServiceCredential {
  const sources = Object.keys(source)
  if (sessionToken === undefined || sessionToken === '' || accessKeyId.startsWith('AKIA')) return 'access-key'
  // The service of the machine leaves no note.
  if (sources.length === 0) return 'instance-role'
  return SOURCES.find(([pattern]) => sources.some((one) => pattern.test(one)))?.[1] ?? 'unknown'
}
