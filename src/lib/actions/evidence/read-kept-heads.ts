/** Checkpoints that were kept outside: what cannot be used of them is a finding, and hides no other. */
import {resolve} from 'node:path'
import {AppError, EXIT} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import type {KeptHead} from '../../ledger/head-findings.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'
import {readAnchor} from '../ledger/read-anchor.ts'
import {isWithinFolder} from '../within-folder.ts'

export interface KeptHeads {
  readonly heads: readonly KeptHead[]
  readonly findings: readonly EvidenceFinding[]
}

/** @param named as `readAnchor` takes it. @throws AppError where it cannot be reached, or is named wrongly */
export async function readKeptHeads(named: string, keys: readonly VerifierKey[], context: Context): Promise<KeptHeads> {
  const {address} = await context.store()
  if (liesIn(address, named, context.cwd))
    throw new AppError('usage.flag', `${named} lies in ${address} itself: what is kept there was kept by nobody else`, {
      fix: 'Name what was kept where the owner of the store cannot write.',
    })
  try {
    const anchored = await readAnchor(named, keys, context)
    return {heads: anchored.map(({checkpoint: {size, root}, from}) => ({from, size, root})), findings: []}
  } catch (error) {
    if (!(error instanceof AppError) || (error.exitCode !== EXIT.evidence && error.exitCode !== EXIT.missing)) throw error
    return {heads: [], findings: [{code: error.code, key: named, message: error.message}]}
  }
}

/** In the very store that is doubted. */
function liesIn(address: string, named: string, cwd: string): boolean {
  const store = parseStoreAddress(address)
  if (named.startsWith('s3:')) {
    const other = parseStoreAddress(named)
    return (
      store.kind === 's3' && other.kind === 's3' && store.bucket === other.bucket && store.endpoint === other.endpoint && other.prefix.startsWith(store.prefix)
    )
  }
  if (store.kind !== 'folder') return false
  return isWithinFolder(resolve(cwd, store.path), resolve(cwd, named.replace(/^folder:/, '')))
}
