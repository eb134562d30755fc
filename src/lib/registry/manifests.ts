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
    checkDigest(bytes, reference, reply.headers.get('docker-content-digest'), repository.name)
    return parseManifest(bytes, reply.contentType)
  })
}

/** @throws AppError `registry.*`, `image.unsupported` */
export async function putManifest(repository: Repository, bytes: Uint8Array, mediaType: string, tag?: string): Promise<Descriptor> {
  const {descriptor} = parseManifest(bytes, mediaType)
  if (bytes.byteLength > MANIFEST_MAX) throw new AppError('registry.limit', `the manifest ${descriptor.digest} is larger than ${MANIFEST_MAX} bytes`)
  await repository.client.operation(async (deadline) => {
    const url = repository.url(`manifests/${tag ?? descriptor.digest}`)
    const ask = {
      method: 'PUT',
      url,
      what: `the manifest ${tag ?? descriptor.digest}`,
      answers: [201],
      headers: {'content-type': mediaType},
      body: () => bytes,
    } as const
    const reply = await repository.client.send(ask, deadline)
    await reply.drop()
    const stored = reply.headers.get('docker-content-digest')
    if (stored !== null && stored !== descriptor.digest) throw new AppError('registry.protocol', `${repository.name} stored ${descriptor.digest} as ${stored}`)
  })
  return descriptor
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
