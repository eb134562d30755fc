/**
 * A store with a spool behind it, `spooledStore(store, open, note)`.
 *
 * The one rule: while anything waits in the spool, whatever is new waits there too. So nothing is in the store before a
 * blob or a record that it names, whichever process of this machine put that; nobody waits for the same outage twice;
 * and once a flush has delivered everything, writers go straight to the store again. Only a store that is out of reach
 * is an outage: what refuses, or refuses this role, is an answer. Readers read the store.
 */
import {AppError} from '../errors.ts'
import {shellQuoted} from '../evidence/shell-quoted.ts'
import {storeName} from '../evidence/store-address.ts'
import type {EvidenceStore} from '../ports/evidence-store.ts'
import type {Spool} from '../ports/spool.ts'

/**
 * @param open gives the spool at the first put
 * @param note says once that evidence waits, and in which folder
 */
export function spooledStore(store: EvidenceStore, open: () => Promise<Spool>, note: (path: string, text: string) => void): EvidenceStore {
  let hasSaid = false
  const say = async (spool: Spool, why: string) => {
    if (hasSaid) return
    hasSaid = true
    note(
      spool.path,
      `${why}; ${await countWaiting(spool)} in ${spool.path}, and what comes now waits behind it; deliver it: hipaa-ci emit --flush --spool ${shellQuoted(spool.path)} --store ${shellQuoted(storeName(store.address))}`,
    )
  }
  return {
    address: store.address,
    async put(key, bytes) {
      const spool = await open()
      const why = (await isEmpty(spool)) ? await tryStore(store, key, bytes) : new AppError('spool.not-empty', `evidence waits for ${store.address}`)
      if (!(why instanceof AppError)) return why
      const result = await putAside(spool, key, bytes, why)
      await say(spool, why.code === 'spool.not-empty' ? why.message : `${store.address} is out of reach (${why.message})`)
      return result
    },
    get: async (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    versions: (prefix, after) => store.versions(prefix, after),
    read: async (key, version) => store.read(key, version),
  }
}

async function isEmpty(spool: Spool): Promise<boolean> {
  for await (const _ of spool.list('')) return false
  return true
}

/** @returns the outage, where it is one */
async function tryStore(store: EvidenceStore, key: string, bytes: Uint8Array): Promise<'written' | 'present' | AppError> {
  try {
    return await store.put(key, bytes)
  } catch (error) {
    if (error instanceof AppError && error.code === 'store.unreachable') return error
    throw error
  }
}

async function putAside(spool: Spool, key: string, bytes: Uint8Array, why: AppError): Promise<'written' | 'present'> {
  try {
    return await spool.put(key, bytes)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'store.unreachable') throw error
    throw new AppError('store.unreachable', `${why.message}; and the spool does not take it: ${error.message}`, {
      cause: error,
      fix: 'Make room for the spool, or reach the store (hipaa-ci emit --flush), then run the same command again.',
    })
  }
}

async function countWaiting(spool: Spool): Promise<string> {
  let count = 0
  for await (const _ of spool.list('')) count += 1
  return count === 1 ? '1 object waits' : `${count} objects wait`
}
