/** Which addresses may be spoken to, and how: plain HTTP on loopback only. */
import {AppError} from '../errors.ts'
import {isLoopback} from '../evidence/web-address.ts'

/** @param host `host[:port]` of a reference */
export function originOf(host: string): URL {
  const address = host === 'docker.io' ? 'registry-1.docker.io' : host
  const url = URL.parse(`https://${address}`)
  if (url === null) throw new AppError('usage.target', `the registry ${JSON.stringify(host)} is not a host name`)
  if (isLoopback(url.hostname)) return new URL(`http://${address}`)
  return url
}

/** @throws AppError `registry.protocol` where `url` would carry data in the clear beyond this machine, or holds credentials */
export function checkAddress(url: URL, origin: URL): void {
  const clear = url.protocol === 'http:' && isLoopback(url.hostname) && isLoopback(origin.hostname)
  if ((url.protocol !== 'https:' && !clear) || url.username !== '' || url.password !== '') {
    throw new AppError('registry.protocol', `${origin.host} sends us to ${url.protocol}//${url.host}, which is not safe`)
  }
}

/** An address that the registry gave (Location, Link) and that must stay with it. @throws AppError `registry.protocol` */
export function sameOrigin(address: string, base: URL): URL {
  const url = URL.parse(address, base.href)
  if (url === null || url.origin !== base.origin || url.username !== '' || url.password !== '') {
    throw new AppError('registry.protocol', `${base.host} sends us to another server: ${url?.host ?? 'an address that cannot be read'}`)
  }
  return url
}
