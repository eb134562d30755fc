/**
 * Adds entries to the index under the fallback tag, so that no entry is lost.
 *
 * Writers of this host queue up under a lock. Against writers elsewhere the
 * write is conditional (RFC 9110 13.1: `If-Match`, `If-None-Match`), but few
 * registries honour that and few tools send it. So in any case the tag is read
 * again when they have had time to write over us, and repaired until it holds.
 */
import {lstat, mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError} from '../errors.ts'
import {MEDIA_TYPES, digestOf} from '../images/manifest.ts'
import type {Descriptor} from '../ports/images.ts'
import {withLock} from '../lock.ts'
import {replaceTagged} from './manifests.ts'
import {checkCount} from './referrer-count.ts'
import {fallbackTag, readFallback, type FallbackList} from './referrers.ts'
import type {Repository} from './repository.ts'

/** Milliseconds for all writers of this host that came before. */
const PATIENCE = 120_000
/** Writes that were lost. */
const ROUNDS = 5
/** Writes of one round that the registry refused because another had come first. */
const CONFLICTS = 10

/** @returns those that were lost in every round. @throws AppError `registry.*`, `referrers.too-many`, `store.conflict` */
export async function extendFallback(repository: Repository, subject: Descriptor, descriptors: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const {settings} = repository.client
  const name = digestOf(Buffer.from(`${repository.name} ${subject.digest}`)).slice('sha256:'.length)
  const lock = join(await lockFolder(settings.lockFolder), `${name}.lock`)
  let lost = descriptors
  for (let round = 1; round <= ROUNDS && lost.length > 0; round += 1) {
    await withLock(lock, () => addEntries(repository, subject, descriptors), {wait: PATIENCE, fault: 'store.conflict'})
    // Uneven after a loss: two that repair in step would undo each other for ever.
    await sleep(settings.settle * (round === 1 ? 1 : 0.5 + Math.random()))
    lost = notListed(descriptors, (await readFallback(repository, subject.digest)).manifests)
  }
  return lost
}

async function addEntries(repository: Repository, subject: Descriptor, descriptors: readonly Descriptor[]): Promise<void> {
  const {wait, waitMax, referrersMax} = repository.client.settings
  for (let conflict = 0; conflict < CONFLICTS; conflict += 1) {
    const list = await readFallback(repository, subject.digest)
    const added = notListed(descriptors, list.manifests)
    if (added.length === 0) return
    // A list that is too long could be read by nobody.
    checkCount(list.manifests.length + added.length, subject.digest, referrersMax)
    if (await writeFallback(repository, subject, list, added)) return
    await sleep(Math.min(waitMax, wait * Math.random()))
  }
}

/** @returns false where another writer came first */
async function writeFallback(
  repository: Repository,
  subject: Descriptor,
  {exists, manifests, etag}: FallbackList,
  added: readonly Descriptor[],
): Promise<boolean> {
  const index = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [...manifests, ...added]}))
  const condition: Readonly<Record<string, string>> = exists ? (etag === undefined ? {} : {'if-match': etag}) : {'if-none-match': '*'}
  return replaceTagged(repository, index, MEDIA_TYPES.index, fallbackTag(subject.digest), condition)
}

export function notListed(descriptors: readonly Descriptor[], manifests: readonly Descriptor[]): readonly Descriptor[] {
  const listed = new Set(manifests.map(({digest}) => digest))
  return descriptors.filter(({digest}) => !listed.has(digest))
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
