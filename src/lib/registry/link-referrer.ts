/**
 * Makes an attachment findable. With the referrers API the registry does that
 * itself, and we look; without it, the index under the fallback tag is read,
 * extended and written (distribution-spec 1.1, pushing manifests with subject).
 */
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError} from '../errors.ts'
import type {Descriptor} from '../ports/images.ts'
import {extendFallback} from './extend-fallback.ts'
import {listReferrers} from './referrers.ts'
import type {Repository} from './repository.ts'

const ROUNDS = 10

/** @throws AppError `registry.referrer-lost`, `registry.*`, `referrers.too-many`, `store.conflict` */
export async function linkInRegistry(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<void> {
  const {api, manifests} = await listReferrers(repository, subject.digest)
  if (manifests.some(({digest}) => digest === descriptor.digest)) return
  const isListed = await (api ? waitUntilListed : extendFallback)(repository, subject, descriptor)
  if (isListed) return
  const message = `${repository.name} does not list ${descriptor.digest} as attached to ${subject.digest}, though it was written`
  throw new AppError('registry.referrer-lost', message)
}

async function waitUntilListed(repository: Repository, subject: Descriptor, descriptor: Descriptor): Promise<boolean> {
  const {wait, waitMax} = repository.client.settings
  for (let round = 1; round < ROUNDS; round += 1) {
    await sleep(Math.min(waitMax, wait * round * (0.5 + Math.random())))
    const {manifests} = await listReferrers(repository, subject.digest)
    if (manifests.some(({digest}) => digest === descriptor.digest)) return true
  }
  return false
}
