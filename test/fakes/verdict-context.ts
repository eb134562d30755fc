/**
 * A context for verdicts: images in memory, records through the real recorder
 * into a store in memory, bundles checked by the real verifier.
 *
 * Promise: nothing outside the process is touched, and time stands still at
 * `now`. What a verdict has no business with is refused: no tool runs, no run
 * file, no index.
 */
import assert from 'node:assert/strict'
import {setTimeout} from 'node:timers/promises'
import {createRecorder, noRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {Config} from '../../src/lib/config/schema.ts'
import {AppError} from '../../src/lib/errors.ts'
import {parseRecordKey} from '../../src/lib/evidence/key.ts'
import {openRecord} from '../../src/lib/evidence/record.ts'
import type {Actor, EvidenceRecord} from '../../src/lib/evidence/schema.ts'
import {parseTarget} from '../../src/lib/images/target.ts'
import type {Context} from '../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import type {TrustedKey} from '../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../src/lib/sigstore/verify-signature.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {memoryStore} from './memory-store.ts'

export const NOW = new Date('2026-06-15T12:00:00.000Z')
const ROOT = '/policy'

export interface VerdictSetting {
  /** As in `hipaa-ci.yaml`, without version and system. */
  readonly policy?: Readonly<Record<string, unknown>>
  /** By repository, or path of a layout. */
  readonly images: Readonly<Record<string, ImageStore>>
  /** Their public keys lie beside the policy, as `keys/<spki>.pub`. */
  readonly keys?: readonly TrustedKey[]
  /** Other files beside the policy, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** What addresses answer; all others are out of reach. */
  readonly documents?: Readonly<Record<string, Uint8Array>>
  readonly now?: Date
  readonly evidence?: EvidenceStore
  readonly record?: boolean
  /** Ids are counted up from here: of several contexts over one store the later ones have the later ids. */
  readonly firstId?: number
  /** Who acts; default nobody. */
  readonly actor?: Actor
}

export interface VerdictContext extends Context {
  readonly notes: string[]
  /** What was recorded, oldest first. */
  records(): Promise<EvidenceRecord[]>
}

export function verdictContext({
  policy = {},
  images,
  keys = [],
  files: beside = {},
  documents = {},
  now = NOW,
  evidence = memoryStore(),
  record = true,
  firstId = 0,
  actor = {},
}: VerdictSetting): VerdictContext {
  const notes: string[] = []
  const files = new Map<string, Uint8Array>([
    ...keys.map(({spki, pem}) => [`${ROOT}/keys/${spki}.pub`, Buffer.from(pem)] as const),
    ...Object.entries(beside).map(([name, text]) => [`${ROOT}/${name}`, Buffer.from(text)] as const),
  ])
  let ids = firstId
  const newId = () => `01JXS8${String((ids += 1)).padStart(20, '0')}`
  const ci = {platform: 'workstation', ci: false, source: 'workstation#test', actor, change: {authors: []}}
  const position = implicitRun(newId(), 'main')
  return {
    version: '0.0.0',
    cwd: '/project',
    config: {...Config.parse({version: 1, system: 'patient-api', ...policy}), root: ROOT, file: `${ROOT}/hipaa-ci.yaml`},
    ci: async () => ci,
    wait: async (milliseconds, signal) => setTimeout(milliseconds, undefined, {signal}).catch(() => undefined),
    now: () => now,
    newId,
    variable: () => undefined,
    notes,
    progress: {step: () => undefined, note: (text) => void notes.push(text)},
    files: {
      async read(path) {
        const bytes = files.get(path)
        if (bytes === undefined) throw new AppError('usage.input', `cannot read ${path}`)
        return bytes
      },
      exists: async (path) => files.has(path),
    },
    runTool: refuse,
    runs: refuse,
    admissionLog: refuse,
    index: refuse,
    store: async () => evidence,
    spool: async () => undefined,
    recorder: async () =>
      record ? createRecorder({store: evidence, position, ci, system: 'patient-api', toolversion: 'hipaa-ci/0.0.0', now: () => now, newId}) : noRecorder,
    target: (text) => parseTarget(text, async (path) => ({kind: images[path]?.kind === 'layout' ? 'layout' : 'absent', path})),
    async images(target) {
      const store = images[target.kind === 'layout' ? target.path : target.repository]
      if (store === undefined) throw new AppError('registry.unreachable', `nothing answers for ${target.text}`)
      return store
    },
    async fetchDocument(address) {
      const bytes = documents[address]
      return bytes === undefined ? {kind: 'unreachable', why: 'did not answer (ECONNREFUSED)'} : {kind: 'read', bytes}
    },
    verifySignature: async () => verifySignature,
    checkouts: refuse,
    advisories: refuse,
    project: refuse,
    serviceKey: refuse,
    storeAt: refuse,
    storeControls: refuse,
    checkpointKey: refuse,
    timestamp: refuse,
    timestampTime: refuse,
    filesIn: refuse,
    linesOf: () => assert.fail('a verdict has no business with this'),
    codeRules: [],
    startAdmissionServer: refuse,
    async records() {
      const records: EvidenceRecord[] = []
      for await (const key of evidence.list('records/')) {
        const bytes = await evidence.get(key)
        if (bytes !== undefined && parseRecordKey(key) !== undefined) records.push(openRecord(bytes))
      }
      return records.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

/** How a policy names `key`. */
export function pinOf({spki}: TrustedKey, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {spki: `sha256:${spki}`, file: `keys/${spki}.pub`, ...more}
}

async function refuse(): Promise<never> {
  throw new Error('a verdict has no business with this')
}
