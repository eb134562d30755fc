/**
 * A folder with a policy, and the parts that `admission install` works with: real files and real certificates.
 *
 * Promise: the clock is the test's; whatever else is asked for fails. Synthetic, as all that it names.
 */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import type {InstallContext, InstallRequest} from '../../../../src/lib/actions/admission/install-admission.ts'
import {makeCertificate} from '../../../../src/lib/certificates/make-certificate.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {projectFiles} from '../../../../src/lib/project/project-files.ts'
import {fileReader} from '../../../../src/lib/stores/file-reader.ts'
import {gitIn} from '../../../fakes/setup-context.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'

export const IMAGE = `registry.example/hipaa-ci@sha256:${'c'.repeat(64)}`
export const START = new Date('2026-03-02T08:00:00.000Z')
export const DAY = 86_400_000

export interface InstallWorld {
  readonly folder: string
  readonly context: InstallContext
  request(more?: Partial<InstallRequest>): InstallRequest
  /** The clock goes on. */
  later(days: number): void
  text(file: string): string
  object(file: string): unknown
}

export function installWorld(folder: string, more: Readonly<Record<string, unknown>> = {}): InstallWorld {
  let now = START.getTime()
  mkdirSync(join(folder, 'keys'), {recursive: true})
  writeFileSync(join(folder, 'hipaa-ci.yaml'), 'version: 1\n')
  writeFileSync(join(folder, 'keys', 'release.pub'), 'synthetic\n')
  const keys = [{spki: `sha256:${'b'.repeat(64)}`, file: 'keys/release.pub'}]
  const environments = {
    production: {repository: 'registry.example:5000/prod/api', match: {clusters: ['prod-*'], namespaces: ['*']}, requires: {signature: {keys}}},
  }
  const values = {version: 1, system: 'patient-api', store: 's3://synthetic-evidence/prod?region=eu-central-1', environments, ...more}
  const config: InstallContext['config'] = {...Config.parse(values), root: folder, file: join(folder, 'hipaa-ci.yaml')}
  const {cwd, files, project} = quietContext({cwd: folder, files: fileReader, project: async () => projectFiles(gitIn)})
  const text = (file: string) => readFileSync(join(folder, 'out', file), 'utf8')
  return {
    folder,
    context: {config, cwd, files, project, makeCertificate, now: () => new Date(now)},
    request: (asked = {}) => ({
      cluster: 'prod-east',
      policy: 'hipaa-ci.yaml',
      image: IMAGE,
      namespace: 'hipaa-ci',
      certificates: 'self',
      renew: false,
      out: 'out',
      ...asked,
    }),
    later: (days) => void (now += days * DAY),
    text,
    object: (file) => (existsSync(join(folder, 'out', file)) ? (parse(text(file)) as unknown) : undefined),
  }
}
