/**
 * The login for a host, asked for in this order: the helper that Docker's
 * config names for it; the entry there; the store of all logins; for ECR, AWS.
 * An empty answer leads on, an error never does.
 */
import type {AskCredentialHelper, FoundCredentials} from '../ports/credentials.ts'
import {readDockerLogin, serverName} from './docker-config.ts'
import {parseEcrHost} from './ecr-host.ts'

export interface CredentialSources {
  readonly dockerConfig: string
  readonly askHelper: AskCredentialHelper
}

/** @throws AppError `registry.refused`, `registry.unreachable`, `tool.untrusted` */
export async function findCredentials(host: string, {dockerConfig, askHelper}: CredentialSources): Promise<FoundCredentials> {
  const {helper, credentials, store, hint} = await readDockerLogin(dockerConfig, host)
  if (helper !== undefined) return fromHelper(helper)
  if (credentials !== undefined) return {credentials}
  const stored = store === undefined ? {hint} : await fromHelper(store)
  if (stored.credentials !== undefined) return stored
  const ecr = parseEcrHost(host)
  if (ecr !== undefined) return (await import('./ecr-login.ts')).ecrLogin(ecr)
  return stored

  async function fromHelper(name: string): Promise<FoundCredentials> {
    const found = await askHelper(name, serverName(host))
    return found === undefined ? {hint: `docker-credential-${name} has no login for ${host}`} : {credentials: found}
  }
}
