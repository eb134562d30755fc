/**
 * A context in which runs are real: run files in a folder, the real recorder, a store in memory.
 *
 * Promise: ids count up over all contexts, time stands still; HIPAA_CI_RUN is what `env` says.
 */
import {existsSync, readFileSync} from 'node:fs'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {Config} from '../../src/lib/config/schema.ts'
import {AppError} from '../../src/lib/errors.ts'
import type {Context} from '../../src/lib/ports/context.ts'
import type {EvidenceStore, RunPosition} from '../../src/lib/ports/evidence-store.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {openRunFile, runFiles} from '../../src/lib/stores/run-file.ts'
import {memoryStore} from './memory-store.ts'
import {quietContext, type QuietContext} from './quiet-context.ts'
import {FACTS} from './recorder-parts.ts'

export interface RunContextOptions {
  readonly folder: string
  readonly store?: EvidenceStore
  readonly env?: Readonly<Record<string, string>>
  readonly parts?: Partial<Context>
}

export function runContext({folder, store = memoryStore(), env = {}, parts = {}}: RunContextOptions): QuietContext {
  const plain = quietContext()
  let position: RunPosition | undefined
  return quietContext({
    cwd: folder,
    config: {...Config.parse({version: 1, system: 'patient-api'}), root: folder},
    newId: plain.newId,
    variable: (name) => env[name],
    files: {
      async read(path) {
        if (!existsSync(path)) throw new AppError('usage.input', `cannot read ${path}`)
        return readFileSync(path)
      },
      exists: async (path) => existsSync(path),
    },
    store: async () => store,
    runs: async () => runFiles,
    async recorder(given) {
      const run = env['HIPAA_CI_RUN']
      position ??= run === undefined ? implicitRun(plain.newId(), 'main') : openRunFile(run)
      return createRecorder({
        store,
        position: given ?? position,
        ci: FACTS,
        system: 'patient-api',
        toolversion: 'hipaa-ci/0.1.0',
        now: plain.now,
        newId: plain.newId,
      })
    },
    ...parts,
  })
}
