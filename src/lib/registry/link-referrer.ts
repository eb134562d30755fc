/**
 * Makes an attachment findable. With the referrers API the registry does that
 * itself, and we look; without it, the index under the fallback tag is read,
 * extended and written. That is not atomic in any registry: writers of this
 * host queue up, and against all others the list is read again until it holds.
 */
import {mkdir, lstat} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError} from '../errors.ts'
import {MEDIA_TYPES, digestOf} from '../images/manifest.ts'
import type {Descriptor} from '../ports/images.ts'
import {withLock} from './lock.ts'
import {putManifest} from './manifests.ts'
import {fallbackTag, listReferrers, readFallback} from './referrers.ts'
import type {Repository} from './repository.ts'

const ROUNDS = 10

/** @throws AppError `registry.*`, `store.conflict` */
export async function linkInRegistry(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<void> {
  const {api, manifests} = await listReferrers(repository, subject.digest)
  if (holds(manifests, descriptor)) return
  if (api) return waitUntilListed(repository, subject, descriptor)
  await extendFallback(repository, subject, descriptor)
}

/** Written under the lock, looked at again a moment later without it: a writer on another host that read before us would have written over us by then. */
async function extendFallback(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<void> {
  const {settings} = repository.client
  const name = digestOf(Buffer.from(`${repository.name} ${subject.digest}`)).slice('sha256:'.length)
  const lock = join(await lockFolder(settings.lockFolder), `${name}.lock`)
  for (let round = 1; round <= ROUNDS; round += 1) {
    await withLock(lock, async () => {
      const manifests = await readFallback(repository, subject.digest)
      if (!holds(manifests, descriptor)) await writeFallback(repository, subject, [...manifests, descriptor])
    })
    await pause(repository, round)
    if (holds(await readFallback(repository, subject.digest), descriptor)) return
  }
  throw lost(repository, subject, descriptor)
}

async function writeFallback(repository: Repository, subject: Descriptor, manifests: readonly Descriptor[]): Promise<void> {
  const index = {schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests}
  await putManifest(repository, Buffer.from(JSON.stringify(index)), MEDIA_TYPES.index, fallbackTag(subject.digest))
}

async function waitUntilListed(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<void> {
  for (let round = 1; round < ROUNDS; round += 1) {
    await pause(repository, round)
    const {manifests} = await listReferrers(repository, subject.digest)
    if (holds(manifests, descriptor)) return
  }
  throw lost(repository, subject, descriptor)
}

function holds(manifests: readonly Descriptor[], {digest}: Descriptor): boolean {
  return manifests.some((item) => item.digest === digest)
}

async function pause({client: {settings}}: Repository, round: number): Promise<void> {
  await sleep(Math.min(settings.waitMax, settings.wait * round * (0.5 + Math.random())))
}

function lost(repository: Repository, subject: Descriptor, descriptor: Descriptor): AppError {
  return new AppError('registry.referrer-lost', `${repository.name} does not list ${descriptor.digest} as attached to ${subject.digest}, though it was written`)
}

/** In a folder that all users may write to, a folder of another user is not ours to trust. */
async function lockFolder(path: string): Promise<string> {
  await mkdir(path, {recursive: true, mode: 0o700})
  const found = await lstat(path)
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new AppError('store.conflict', `the folder for locks ${path} belongs to somebody else`)
  }
  return path
}
