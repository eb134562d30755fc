/**
 * Credentials from Docker's `config.json` (`auths`). Helpers are not started
 * yet: a registry that needs one is refused by name, never tried without.
 */
import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {errorCode} from './error-code.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface FoundCredentials {
  readonly credentials?: Credentials
  /** Why there are none that could be used. */
  readonly hint?: string
}

const Entry = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const DockerConfig = z.looseObject({
  auths: z.record(z.string(), Entry).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
})

/** Where Docker looks: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json')
}

/** @throws AppError `registry.refused` where the file cannot be used, or the registry needs a helper */
export async function findCredentials(path: string, host: string): Promise<FoundCredentials> {
  const config = await readConfig(path)
  if (config === undefined) return {hint: `there is no ${path}`}
  const helper = config.credHelpers?.[host]
  if (helper !== undefined) {
    throw new AppError('registry.refused', `${host} needs the credential helper docker-credential-${helper}, which is not supported yet`, {
      fix: `Log in with a plain entry: docker --config DIR login ${host}, then set DOCKER_CONFIG=DIR.`,
    })
  }
  const entry = entryFor(config.auths ?? {}, host)
  const credentials = entry === undefined ? undefined : readEntry(entry, host, path)
  if (credentials !== undefined) return {credentials}
  if (entry?.identitytoken) return {hint: `${path} holds an identity token for ${host}, which is not supported yet`}
  if (config.credsStore !== undefined) return {hint: `the credential store docker-credential-${config.credsStore} is not supported yet`}
  return {hint: `${path} has no entry for ${host}`}
}

async function readConfig(path: string): Promise<z.infer<typeof DockerConfig> | undefined> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new AppError('registry.refused', `the credentials in ${path} cannot be read`, {cause: error})
  }
  try {
    return DockerConfig.parse(JSON.parse(text))
  } catch {
    // No cause: a parser's words may quote the file.
    throw new AppError('registry.refused', `the credentials in ${path} cannot be read: it is not Docker's config.json`)
  }
}

/** Keys are hosts, or addresses of old (`https://host/v1/`); Docker Hub has a name of its own. */
function entryFor(auths: Readonly<Record<string, z.infer<typeof Entry>>>, host: string): z.infer<typeof Entry> | undefined {
  const names = host === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [host]
  const key = Object.keys(auths).find((name) => names.includes(name.replace(/^https?:\/\//, '').replace(/\/.*$/, '')))
  return key === undefined ? undefined : auths[key]
}

function readEntry(entry: z.infer<typeof Entry>, host: string, path: string): Credentials | undefined {
  if (entry.username && entry.password) return {username: entry.username, password: entry.password}
  if (!entry.auth) return undefined
  const text = Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0) throw new AppError('registry.refused', `the entry for ${host} in ${path} is not base64 of USER:PASSWORD`)
  return {username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '')}
}
