/**
 * Image references by the grammar of the OCI distribution specification:
 * `HOST[:PORT]/PATH[:TAG][@sha256:…]`.
 *
 * No default registry, so that a short name never turns into somebody else's
 * image; lower case only, because a signature names its repository by text.
 */
import {AppError} from '../errors.ts'

const DIGEST = /^sha256:[0-9a-f]{64}$/
const TAG = /^\w[\w.-]{0,127}$/
const HOST = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
/** The specification's limit for host and path together. */
const REPOSITORY_MAX = 255

export interface ImageReference {
  /** `host/path` or `host:port/path`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

/** True for `sha256:<64 hex>`, the only digest that is accepted. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/** @throws AppError `image.unsupported`; what passes is safe in a path and in an address */
export function checkedDigest(text: string): string {
  if (!isDigest(text)) throw new AppError('image.unsupported', `${quote(text)} is not a digest of the form sha256:<64 lower-case hex>`)
  return text
}

export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** @throws AppError `usage.target`, `usage.empty` */
export function parseReference(text: string): ImageReference {
  if (text === '') throw new AppError('usage.empty', 'the image reference is empty')
  const {name, tag, digest} = splitReference(text)
  if (digest !== undefined && !isDigest(digest)) throw refused(text, `the digest ${quote(digest)} is not sha256:<64 lower-case hex>`)
  if (tag !== undefined && !isTag(tag)) throw refused(text, tag === '' ? 'the tag is empty' : `the tag ${quote(tag)} is not valid`)
  checkRepository(name, text)
  return {repository: name, ...(tag === undefined ? {} : {tag}), ...(digest === undefined ? {} : {digest})}
}

/** Cuts off `@DIGEST`, then `:TAG`; judges nothing. A colon before the last slash belongs to a port or a path. */
export function splitReference(text: string): {name: string; tag?: string; digest?: string} {
  const at = text.lastIndexOf('@')
  const digest = at === -1 ? undefined : text.slice(at + 1)
  const rest = at === -1 ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  const tagged = colon > rest.lastIndexOf('/')
  return {
    name: tagged ? rest.slice(0, colon) : rest,
    ...(tagged ? {tag: rest.slice(colon + 1)} : {}),
    ...(digest === undefined ? {} : {digest}),
  }
}

/** `host[:port]` and the path below it. */
export function splitRepository(repository: string): {host: string; path: string} {
  const slash = repository.indexOf('/')
  return {host: repository.slice(0, slash), path: repository.slice(slash + 1)}
}

function checkRepository(name: string, text: string): void {
  if (name !== name.toLowerCase()) throw refused(text, `the repository ${quote(name)} has upper-case letters`)
  const {host, path} = splitRepository(name)
  if (!name.includes('/') || !isHost(host)) {
    throw refused(text, 'it names no registry', {
      fix: `Write the registry too, like registry.example.com/${name.replace(/^\/+/, '')}, or the path of a layout, archive or folder that exists.`,
    })
  }
  if (!HOST.test(host) || Number(/:(\d+)$/.exec(host)?.[1] ?? 1) > 65_535) throw refused(text, `the registry ${quote(host)} is not a host name`)
  const odd = path.split('/').find((component) => !COMPONENT.test(component))
  if (odd !== undefined) throw refused(text, odd === '' ? 'a part of the repository is empty' : `${quote(odd)} cannot be part of a repository`)
  if (name.length > REPOSITORY_MAX) throw refused(text, `the repository is longer than ${REPOSITORY_MAX} characters`)
}

/** As the distribution grammar tells a host from a first path component. */
function isHost(component: string): boolean {
  return component === 'localhost' || component.includes('.') || component.includes(':')
}

function refused(text: string, why: string, options: {fix?: string} = {}): AppError {
  return new AppError('usage.target', `${quote(text)} is not an image reference: ${why}`, options)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text)
}
