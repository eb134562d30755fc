/**
 * How a token is asked for: GET with the password (CNCF Distribution, token
 * authentication), or POST with the identity token as OAuth 2 refresh token
 * (Distribution, OAuth2 token authentication).
 */
import type {Credentials} from '../ports/credentials.ts'

export interface TokenRequest {
  readonly url: URL
  readonly authorization?: string
  /** Then it is a POST. */
  readonly form?: URLSearchParams
}

export function tokenRequest(realm: URL, service: string | undefined, scopes: readonly string[], credentials: Credentials | undefined): TokenRequest {
  if (credentials?.kind === 'identity-token') {
    const form = {grant_type: 'refresh_token', client_id: 'hipaa-ci', service: service ?? realm.host, refresh_token: credentials.token}
    return {url: realm, form: new URLSearchParams({...form, ...(scopes.length > 0 && {scope: scopes.join(' ')})})}
  }
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return {url, ...(credentials !== undefined && {authorization: basicHeader(credentials)})}
}

export function basicHeader({username, password}: Credentials & {readonly kind: 'password'}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
