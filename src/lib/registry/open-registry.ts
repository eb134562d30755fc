/** A repository of a registry as an image store. Nothing is asked of the registry before it is needed. */
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import type {ImageStore} from '../ports/images.ts'
import {checkedDigest, isDigest, isTag} from '../images/reference.ts'
import {readBlob, streamBlob} from './blobs.ts'
import {dockerConfigPath} from './docker-config.ts'
import {linkInRegistry} from './link-referrer.ts'
import {getManifest, putManifest} from './manifests.ts'
import {listReferrers} from './referrers.ts'
import {openRepository} from './repository.ts'
import {DEFAULTS, type RegistrySettings} from './settings.ts'
import {uploadBytes, uploadStream} from './uploads.ts'

/** @param name `host[:port]/path`, as `parseReference` returns it */
export function openRegistry(name: string, settings: Partial<RegistrySettings> = {}): ImageStore {
  const repository = openRepository(name, {
    ...DEFAULTS,
    lockFolder: join(tmpdir(), `hipaa-ci-locks-${process.getuid?.() ?? 'user'}`),
    dockerConfig: dockerConfigPath(process.env),
    askHelper: noHelper,
    ...settings,
  })
  return {
    kind: 'registry',
    repository: name,
    location: name,
    resolve: async (reference) => {
      if (!isDigest(reference) && !isTag(reference)) throw new AppError('usage.target', `${JSON.stringify(reference)} is neither a tag nor a digest`)
      const content = await getManifest(repository, reference)
      if (content === undefined) throw new AppError('image.not-found', `there is no ${reference} in ${name}`)
      return content
    },
    blob: (descriptor) => readBlob(repository, descriptor),
    streamBlob: (descriptor) => streamBlob(repository, descriptor),
    referrers: async (digest) => (await listReferrers(repository, checkedDigest(digest))).manifests,
    pushBlob: (bytes) => uploadBytes(repository, bytes),
    pushBlobStream: (descriptor, read, from) => uploadStream(repository, descriptor, read, from),
    pushManifest: (bytes, mediaType, tag) => putManifest(repository, bytes, mediaType, tag),
    linkReferrers: (subject, descriptors) => linkInRegistry(repository, subject, descriptors),
  }
}

/** Processes are started elsewhere: whoever opens a registry without a way to do so has no helpers. */
function noHelper(helper: string, server: string): Promise<never> {
  throw new AppError('registry.refused', `${server} needs the credential helper docker-credential-${helper}, which cannot be started here`)
}
