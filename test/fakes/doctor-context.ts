/**
 * A machine on which nothing is amiss, for `diagnose`.
 *
 * Promise: every question is answered at once and in the same way; `changes` replaces single answers. It looks at nothing real.
 */
import {Config} from '../../src/lib/config/schema.ts'
import type {AppError} from '../../src/lib/errors.ts'
import type {DoctorContext, Probe} from '../../src/lib/ports/machine.ts'
import {TOOL_PINS} from '../../src/lib/tools/versions.ts'
import {createSigner} from './dsse-signer.ts'
import {pinOf} from './verdict-context.ts'

const KEY = createSigner()
const KEY_FILE = `/app/keys/${KEY.spki}.pub`
/** Its file is the one that is there. */
export const KEY_PIN = pinOf(KEY)
export const NOW = new Date('2026-06-15T12:00:00.000Z')

interface Changes extends Partial<Omit<DoctorContext, 'probe' | 'config'>> {
  readonly probe?: Partial<Probe>
  readonly config?: Record<string, unknown> | AppError
}

export function fakeDoctor({probe, config, ...changes}: Changes = {}): DoctorContext {
  return {
    config: config instanceof Error ? config : configOf(config),
    files: {read: async () => Buffer.from(KEY.pem), exists: async (path) => path === KEY_FILE},
    ci: {platform: 'workstation', ci: false, source: 'workstation#here', actor: {}, change: {authors: []}},
    now: () => NOW,
    progress: {step: () => undefined, note: () => undefined},
    probe: {
      node: {version: '24.21.0', path: '/bin/node'},
      tool: async (name) => ({name, version: TOOL_PINS[name].version, sha256: 'a'.repeat(64), path: `/bin/${name}`, from: 'path'}),
      advisories: async () => ({
        folder: '/db',
        vulnerabilities: {updatedAt: '2026-06-15T02:00:00.000Z', sha256: 'b'.repeat(64), sources: ['debian 12']},
        java: {updatedAt: '2026-06-14T02:00:00.000Z', nextUpdate: '2026-06-17T02:00:00.000Z', rows: 5},
      }),
      store: async () => ({exists: true, writable: true, freeBytes: 5 * 1024 ** 3, newestRecord: '2026-06-15T11:00:00.000Z'}),
      bucket: async () => ({versioning: 'enabled', objectLock: 'enabled', defaultRetention: {mode: 'COMPLIANCE', days: 2555}, lifecycle: 'none', refused: []}),
      keyFile: async () => ({mode: 0o600, tracking: 'ignored'}),
      registry: async () => undefined,
      fileTime: async () => NOW,
      ...probe,
    },
    ...changes,
  }
}

function configOf(extra: Record<string, unknown> = {}) {
  const plain = {
    version: 1,
    system: 'patient-api',
    store: 'folder:/app/evidence',
    signing: {key: 'file:/app/cosign.key'},
    sealing: {key: 'file:/app/checkpoint.key', origin: 'patient-api.local/evidence'},
    environments: {local: {repository: 'registry.example/app', requires: {signature: {keys: [KEY_PIN]}}}},
    ...extra,
  }
  return {...Config.parse(plain), root: '/app', file: '/app/hipaa-ci.yaml'}
}
