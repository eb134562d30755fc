/** Docker's `config.json`: who is to be asked for the login of a host, or the login itself. */
import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Credentials} from '../ports/credentials.ts'
import {errorCode} from './error-code.ts'

export interface DockerLogin {
  /** The helper of this host, which has the only word. */
  readonly helper?: string
  /** An entry in the file itself. */
  readonly credentials?: Credentials
  /** The helper of all hosts. */
  readonly store?: string
  /** Where it was looked for. */
  readonly hint: string
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

/** @throws AppError `registry.refused` where the file cannot be used */
export async function readDockerLogin(path: string, host: string): Promise<DockerLogin> {
  const config = await readConfig(path)
  if (config === undefined) return {hint: `there is no ${path}`}
  const hint = `${path} has no entry for ${host}`
  const helper = valueFor(config.credHelpers ?? {}, host)
  if (helper) return {helper, hint}
  const entry = valueFor(config.auths ?? {}, host)
  const credentials = entry === undefined ? undefined : readEntry(entry, host, path)
  return {...(credentials !== undefined && {credentials}), ...(config.credsStore && {store: config.credsStore}), hint}
}

/** What a helper is asked for: Docker Hub has a name of its own. */
export function serverName(host: string): string {
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host
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

/** Keys are hosts, or addresses of old (`https://host/v1/`). */
function valueFor<T>(values: Readonly<Record<string, T>>, host: string): T | undefined {
  const names = host === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [host]
  const key = Object.keys(values).find((name) => names.includes(name.replace(/^https?:\/\//, '').replace(/\/.*$/, '')))
  return key === undefined ? undefined : values[key]
}

function readEntry(entry: z.infer<typeof Entry>, host: string, path: string): Credentials | undefined {
  if (entry.identitytoken) return {kind: 'identity-token', token: entry.identitytoken}
  if (entry.username && entry.password) return {kind: 'password', username: entry.username, password: entry.password}
  if (!entry.auth) return undefined
  const text = Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0) throw new AppError('registry.refused', `the entry for ${host} in ${path} is not base64 of USER:PASSWORD`)
  return {kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '')}
}
