/** Verifies a scene after an attack, as a row asks. */
import assert from 'node:assert/strict'
import {resolve} from 'node:path'
import {verifyEvidence} from '../../src/lib/actions/evidence/verify-evidence.ts'
import type {VerifyEvidenceResult} from '../../src/lib/actions/evidence/verify-result.ts'
import {Config} from '../../src/lib/config/schema.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import {ORIGIN, testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {memoryStore} from '../fakes/memory-store.ts'
import {quietContext} from '../fakes/quiet-context.ts'
import type {Ask} from './row.ts'

const USUAL = {sealing: {origin: ORIGIN, keys: [testCheckpointKey().verifier.text], 'max-lag': 86_400_000}}

/** @param now of the scene */
export async function ask(store: EvidenceStore, now: Date, asked: Ask = {}): Promise<VerifyEvidenceResult> {
  const {about: _, config = USUAL, files = {}, anchor = {}, later = 0, ...request} = asked
  const anchored = memoryStore()
  for (const [key, bytes] of Object.entries(anchor)) await anchored.put(key, bytes)
  const context = quietContext({
    config: {...Config.parse({version: 1, system: 'patient-api'}), root: '/project', ...config},
    now: () => new Date(now.getTime() + later * 60_000),
    store: async () => store,
    storeAt: async () => anchored,
    filesIn: async () => undefined,
    files: {
      exists: async (path) => Object.hasOwn(files, resolve('/project', path)),
      read: async (path) => files[resolve('/project', path)] ?? assert.fail(`there is no ${path}`),
    },
  })
  return verifyEvidence({blobs: true, ...request}, context)
}
