/** A fresh folder for each test, in which a configuration can be written and loaded. */
import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {loadConfig, type ConfigRequest} from '../../../src/lib/config/load.ts'
import type {Config} from '../../../src/lib/config/schema.ts'
import {AppError} from '../../../src/lib/errors.ts'

export const MINIMAL = 'version: 1\nsystem: patient-api\n'

export interface ConfigFolder {
  path: string
  /** Writes `text`, where given, and loads. */
  load(text: string | Uint8Array | undefined, request?: Partial<ConfigRequest>): Promise<Config>
  /** The same, where a refusal with exit code 2 is due. */
  refusal(text: string | Uint8Array | undefined, request?: Partial<ConfigRequest>): Promise<AppError>
  /** The same, as one line for each fault. */
  faults(text: string | Uint8Array, request?: Partial<ConfigRequest>): Promise<string[]>
}

/** To be called inside `describe`. */
export function configFolder(): ConfigFolder {
  beforeEach(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'hipaa-ci-config-'))
  })
  afterEach(async () => rm(folder.path, {recursive: true}))
  const folder: ConfigFolder = {
    path: '',
    async load(text, request) {
      if (text !== undefined) await writeFile(join(folder.path, 'hipaa-ci.yaml'), text)
      return loadConfig({cwd: folder.path, env: {}, ...request})
    },
    async refusal(text, request) {
      const outcome: unknown = await folder.load(text, request).catch((error: unknown) => error)
      assert.ok(outcome instanceof AppError, `expected a refusal, got ${JSON.stringify(outcome)}`)
      assert.equal(outcome.exitCode, 2)
      return outcome
    },
    async faults(text, request) {
      const {code, message} = await folder.refusal(text, request)
      assert.equal(code, 'config.invalid')
      const lines = message.split('\n').map((line) => line.trim())
      return lines.filter((line) => !/^\d+ faults in the configuration$/.test(line))
    },
  }
  return folder
}
