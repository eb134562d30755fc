/** A store with a log over it, and a sealer whose clock is the test's. */
import {sealEvidence, type SealEvidenceResult} from '../../../../src/lib/actions/ledger/seal-evidence.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {ORIGIN, testCheckpointKey, type TestCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter, hex} from '../../../fakes/evidence-writer.ts'
import type {SealedRecord} from '../../../../src/lib/evidence/record.ts'
import {quietContext, type QuietContext} from '../../../fakes/quiet-context.ts'

export const NOW = '2026-03-02T08:30:00.000Z'

export interface SealingOptions {
  readonly now?: string
  readonly all?: boolean
  readonly key?: TestCheckpointKey
  readonly sealing?: Readonly<Record<string, unknown>>
  readonly storeAt?: Context['storeAt']
}

/** Seals, as the command does. */
export async function sealNow(store: EvidenceStore, options: SealingOptions = {}): Promise<SealEvidenceResult> {
  return sealEvidence({all: options.all ?? false}, sealingContext(store, options))
}

export function sealingContext(store: EvidenceStore, {now = NOW, key = testCheckpointKey(), sealing = {}, storeAt}: SealingOptions = {}): QuietContext {
  const config = Config.parse({version: 1, system: 'patient-api', sealing: {key: 'awskms:///alias/evidence-checkpoint', origin: ORIGIN, ...sealing}})
  return quietContext({
    config: {...config, root: '/project'},
    now: () => new Date(now),
    store: async () => store,
    checkpointKey: async () => key,
    ...(storeAt !== undefined && {storeAt}),
  })
}

/** Writes so many made-up records, the first a second after `at`. */
export async function write(store: Pick<EvidenceStore, 'put'>, count: number, at = '2026-03-02T08:00:00.000Z'): Promise<SealedRecord[]> {
  const writer = new EvidenceWriter(store, at)
  const records: SealedRecord[] = []
  for (let done = 0; done < count; done += 1)
    records.push(await writer.write('gate', {policy: hex('limits'), counts: {}, decision: 'pass', reasons: [], waivers: [], scans: []}))
  return records
}
