/** Addresses that small documents may come from: https, or http on this machine; never with credentials in them. Pure. */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

/** Is `text` meant as an address, and not as a path? */
export function isWebAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
}

/** What is wrong with an address; undefined where it may be asked. */
export function addressFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'is no address'
  if (url.username !== '' || url.password !== '') return 'has credentials in it, which do not belong there'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  return 'must be https (http only on this machine)'
}

/** For messages: neither user and password nor a query (it may be a key) are for anybody's log. A path stays as it is. */
export function shownAddress(text: string): string {
  const url = isWebAddress(text) ? URL.parse(text) : null
  return url === null ? text : `${url.origin}${url.pathname}`
}
