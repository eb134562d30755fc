/**
 * Adds an entry to the index under the fallback tag, so that no entry is lost.
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

/** @returns false where the entry was lost in every round. @throws AppError `registry.*`, `referrers.too-many`, `store.conflict` */
export async function extendFallback(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<boolean> {
  const {settings} = repository.client
  const name = digestOf(Buffer.from(`${repository.name} ${subject.digest}`)).slice('sha256:'.length)
  const lock = join(await lockFolder(settings.lockFolder), `${name}.lock`)
  for (let round = 1; round <= ROUNDS; round += 1) {
    await withLock(lock, () => addEntry(repository, subject, descriptor), {wait: PATIENCE, fault: 'store.conflict'})
    // Uneven after a loss: two that repair in step would undo each other for ever.
    await sleep(settings.settle * (round === 1 ? 1 : 0.5 + Math.random()))
    if (holds(await readFallback(repository, subject.digest), descriptor)) return true
  }
  return false
}

async function addEntry(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<void> {
  const {wait, waitMax, referrersMax} = repository.client.settings
  for (let conflict = 0; conflict < CONFLICTS; conflict += 1) {
    const list = await readFallback(repository, subject.digest)
    if (holds(list, descriptor)) return
    // A list that is one too long could be read by nobody.
    checkCount(list.manifests.length + 1, subject.digest, referrersMax)
    if (await writeFallback(repository, subject, list, descriptor)) return
    await sleep(Math.min(waitMax, wait * Math.random()))
  }
}

/** @returns false where another writer came first */
async function writeFallback(repository: Repository, subject: Descriptor, {exists, manifests, etag}: FallbackList, added: Descriptor): Promise<boolean> {
  const index = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [...manifests, added]}))
  const condition: Readonly<Record<string, string>> = exists ? (etag === undefined ? {} : {'if-match': etag}) : {'if-none-match': '*'}
  return replaceTagged(repository, index, MEDIA_TYPES.index, fallbackTag(subject.digest), condition)
}

function holds({manifests}: FallbackList, {digest}: Descriptor): boolean {
  return manifests.some((item) => item.digest === digest)
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
