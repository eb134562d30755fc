/**
 * Makes attachments findable. With the referrers API the registry does that
 * itself, and we look; without it, the index under the fallback tag is read,
 * extended and written (distribution-spec 1.1, pushing manifests with subject).
 */
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError} from '../errors.ts'
import type {Descriptor} from '../ports/images.ts'
import {extendFallback, notListed} from './extend-fallback.ts'
import {listReferrers} from './referrers.ts'
import type {Repository} from './repository.ts'

const ROUNDS = 10

/** @throws AppError `registry.referrer-lost`, `registry.*`, `referrers.too-many`, `store.conflict` */
export async function linkInRegistry(repository: Repository, subject: Descriptor, descriptors: readonly Descriptor[]): Promise<void> {
  const {api, manifests} = await listReferrers(repository, subject.digest)
  const wanted = notListed(descriptors, manifests)
  const [lost] = wanted.length === 0 ? [] : await (api ? waitUntilListed : extendFallback)(repository, subject, wanted)
  if (lost === undefined) return
  const message = `${repository.name} does not list ${lost.digest} as attached to ${subject.digest}, though it was written`
  throw new AppError('registry.referrer-lost', message)
}

/** @returns what was not listed in the end */
async function waitUntilListed(repository: Repository, subject: Descriptor, descriptors: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const {wait, waitMax} = repository.client.settings
  let missing = descriptors
  for (let round = 1; round < ROUNDS && missing.length > 0; round += 1) {
    await sleep(Math.min(waitMax, wait * round * (0.5 + Math.random())))
    missing = notListed(descriptors, (await listReferrers(repository, subject.digest)).manifests)
  }
  return missing
}
