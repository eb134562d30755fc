/** Manifests of a registry (distribution-spec 1.1, pull and push). */
import {AppError} from '../errors.ts'
import {MANIFEST_MAX, MANIFEST_TYPES, digestOf, parseManifest} from '../images/manifest.ts'
import {isDigest} from '../images/reference.ts'
import type {Descriptor, ManifestContent} from '../ports/images.ts'
import type {Reply} from './reply.ts'
import type {Repository} from './repository.ts'

/**
 * @param reference a tag or a digest
 * @returns undefined only where the registry clearly says that there is none
 * @throws AppError `registry.*`, `image.corrupt`, `image.unsupported`
 */
export async function getManifest(repository: Repository, reference: string): Promise<ManifestContent | undefined> {
  return (await getTagged(repository, reference))?.content
}

export interface TaggedManifest {
  readonly content: ManifestContent
  /** What `If-Match` may be given: a strong validator, where the registry sent one. */
  readonly etag: string | undefined
}

/** As `getManifest`, with what a conditional write needs. */
export async function getTagged(repository: Repository, reference: string): Promise<TaggedManifest | undefined> {
  const what = `the manifest ${reference}`
  return repository.client.operation(async (deadline) => {
    const url = repository.url(`manifests/${reference}`)
    const reply = await repository.client.send({method: 'GET', url, what, answers: [200, 404], headers: {accept: MANIFEST_TYPES.join(', ')}}, deadline)
    if (reply.status === 404) {
      await reply.drop()
      return undefined
    }
    await checkType(reply, what)
    const bytes = await reply.bytes(MANIFEST_MAX, what)
    checkDigest(bytes, reference, reply.header('docker-content-digest'), repository.name)
    const etag = reply.header('etag')
    return {content: parseManifest(bytes, reply.contentType), etag: etag?.startsWith('"') === true ? etag : undefined}
  })
}

/** @throws AppError `registry.*`, `image.unsupported` */
export async function putManifest(repository: Repository, bytes: Uint8Array, mediaType: string, tag?: string): Promise<Descriptor> {
  const {descriptor} = parseManifest(bytes, mediaType)
  await put(repository, bytes, descriptor, tag ?? descriptor.digest)
  return descriptor
}

/**
 * @param condition `if-match` or `if-none-match`; a registry that does not know them writes anyway
 * @returns false where the registry refused because the tag has moved (412)
 * @throws AppError `registry.*`, `image.unsupported`
 */
export async function replaceTagged(
  repository: Repository,
  bytes: Uint8Array,
  mediaType: string,
  tag: string,
  condition: Readonly<Record<string, string>>,
): Promise<boolean> {
  return put(repository, bytes, parseManifest(bytes, mediaType).descriptor, tag, condition)
}

async function put(
  repository: Repository,
  bytes: Uint8Array,
  descriptor: Descriptor,
  reference: string,
  condition?: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (bytes.byteLength > MANIFEST_MAX) throw new AppError('registry.limit', `the manifest ${descriptor.digest} is larger than ${MANIFEST_MAX} bytes`)
  return repository.client.operation(async (deadline) => {
    const url = repository.url(`manifests/${reference}`)
    const ask = {
      method: 'PUT',
      url,
      what: `the manifest ${reference}`,
      answers: condition === undefined ? [201] : [201, 412],
      headers: {'content-type': descriptor.mediaType, ...condition},
      body: () => bytes,
    } as const
    const reply = await repository.client.send(ask, deadline)
    await reply.drop()
    if (reply.status === 412) return false
    const stored = reply.header('docker-content-digest')
    if (stored !== null && stored !== descriptor.digest) throw new AppError('registry.protocol', `${repository.name} stored ${descriptor.digest} as ${stored}`)
    return true
  })
}

async function checkType(reply: Reply, what: string): Promise<void> {
  const {contentType} = reply
  if (MANIFEST_TYPES.includes(contentType)) return
  await reply.drop()
  if (contentType.startsWith('application/vnd.docker.distribution.manifest.v1')) {
    throw new AppError('image.unsupported', `${what} is of the old Docker type ${contentType}`)
  }
  throw new AppError('registry.protocol', `${reply.url.host} sent ${what} as ${contentType || 'no type'}`)
}

function checkDigest(bytes: Uint8Array, reference: string, stated: string | null, repository: string): void {
  const digest = digestOf(bytes)
  for (const expected of [isDigest(reference) ? reference : null, stated]) {
    if (expected !== null && expected !== digest) throw new AppError('image.corrupt', `${repository} sent the manifest ${digest} where ${expected} was due`)
  }
}
