/** Checkpoints that were kept outside: what cannot be used of them is a finding, and hides no other. */
import {AppError, EXIT} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import type {KeptHead} from '../../ledger/head-findings.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'
import {readAnchor} from '../ledger/read-anchor.ts'

export interface KeptHeads {
  readonly heads: readonly KeptHead[]
  readonly findings: readonly EvidenceFinding[]
}

/** @param named as `readAnchor` takes it. @throws AppError where it cannot be reached, or is named wrongly */
export async function readKeptHeads(named: string, keys: readonly VerifierKey[], context: Context): Promise<KeptHeads> {
  try {
    const anchored = await readAnchor(named, keys, context)
    return {heads: anchored.map(({checkpoint: {size, root}, from}) => ({from, size, root})), findings: []}
  } catch (error) {
    if (!(error instanceof AppError) || (error.exitCode !== EXIT.evidence && error.exitCode !== EXIT.missing)) throw error
    return {heads: [], findings: [{code: error.code, key: named, message: error.message}]}
  }
}
