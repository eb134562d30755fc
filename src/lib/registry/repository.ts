/** One repository of a registry: its client, its name, and the addresses below it. */
import {splitRepository} from '../images/reference.ts'
import {RegistryClient} from './client.ts'
import {originOf} from './origin.ts'
import type {RegistrySettings} from './settings.ts'

export interface Repository {
  readonly client: RegistryClient
  /** `host/path`. */
  readonly name: string
  /** `manifests/<reference>`, `blobs/<digest>` … under `/v2/<path>/`. */
  url(rest: string): URL
}

export function openRepository(name: string, settings: RegistrySettings): Repository {
  const {host, path} = splitRepository(name)
  const origin = originOf(host)
  return {client: new RegistryClient(host, origin, settings), name, url: (rest) => new URL(`/v2/${path}/${rest}`, origin)}
}
