/**
 * A project whose signing key is rotated: files and keys in memory, what is recorded goes through the real recorder.
 *
 * Promise: nothing outside the process is touched; time stands still on 2026-06-15; Cosign answers with the public half
 * of the keys that lie in the project, and git as it is told.
 */
import {rotateKey} from '../../../../src/lib/actions/keys/rotate-key.ts'
import type {RotateRequest} from '../../../../src/lib/actions/keys/plan-rotation.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {ProjectFiles} from '../../../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import type {RunTool} from '../../../../src/lib/ports/tools.ts'
import {createSigner, type TestSigner} from '../../../fakes/dsse-signer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {verdictContext, type VerdictContext} from '../../../fakes/verdict-context.ts'

export const [old, next, other] = [createSigner(), createSigner(), createSigner()]
export const pin = (signer: TestSigner) => `sha256:${signer.spki}`
const FILE = '/policy/hipaa-ci.yaml'
export const NEW_FILE = `keys/new-${next.spki.slice(0, 8)}.pub`

/** Comments and quotes as people write them. */
export const TEXT = `version: 1
system: patient-api
# who signs
signing: {key: "file:old.key"}   # in the vault
environments:
  staging:
    requires:
      signature:
        keys:
          - {spki: "${pin(old)}", file: keys/old.pub, status: active} # the first
      provenance: {builders: [{id: "https://builder.example/a", key: "${pin(old)}", level: 2}]}
  production:
    requires:
      signature:
        keys:
          - spki: "${pin(old)}"
            file: keys/old.pub
            from: 2026-01-01

      sbom: {}
  elsewhere:
    requires: {signature: {keys: [{spki: "${pin(other)}", file: keys/other.pub}]}}
`

export interface Project extends VerdictContext {
  readonly evidence: EvidenceStore
  readonly firstId: number
  readonly disk: Map<string, string>
  text(): string
  pins(environment: string): readonly Record<string, string>[]
}

/** More than one command writes. */
const IDS = 100
let commands = 0

interface Place {
  readonly disk?: Map<string, string>
  readonly evidence?: EvidenceStore
  /** Of the first record: later commands have later ids. */
  readonly firstId?: number
  /** Key files that are gone. */
  readonly lost?: readonly string[]
  /** What git makes of what no `.gitignore` beside the configuration names. */
  readonly tracking?: Awaited<ReturnType<ProjectFiles['tracking']>>
  readonly variables?: Readonly<Record<string, string>>
}

export function project(
  text = TEXT,
  {disk = new Map(), evidence = memoryStore(), firstId = 0, lost = [], variables = {}, tracking = 'ignored'}: Place = {},
): Project {
  if (!disk.has(FILE)) for (const signer of [old, other]) disk.set(`/policy/keys/${signer === old ? 'old' : 'other'}.pub`, signer.pem)
  disk.set(FILE, disk.get(FILE) ?? text)
  const base = verdictContext({images: {}, evidence, firstId, now: new Date('2026-06-15T12:00:00.000Z')})
  const files: ProjectFiles = {
    read: async (path) => (disk.has(path) ? Buffer.from(disk.get(path) ?? '') : undefined),
    writeNew: async (path, bytes) => void disk.set(path, Buffer.from(bytes).toString()),
    replace: async (path, bytes) => void disk.set(path, Buffer.from(bytes).toString()),
    makeFolder: async () => undefined,
    tracking: async (path) => (disk.get('/policy/.gitignore')?.split('\n').includes(path.replace('/policy', '')) === true ? 'ignored' : tracking),
  }
  const halves: Record<string, TestSigner> = {
    '/policy/old.key': old,
    '/project/new.key': next,
    '/policy/new.key': next,
    '/policy/keys/new.key': next,
    '/project/other.key': other,
  }
  const answer = async (_spec: unknown, {reference}: {readonly reference: string}) => ({
    value: halves[reference]?.pem,
    tool: {name: 'cosign', version: '3.1.2', sha256: '0'.repeat(64)},
  })
  const parsed = Config.parse(readDocument(disk.get(FILE) ?? '').value)
  return {
    ...base,
    // As the loader does: paths of the file are made absolute.
    config: {
      ...parsed,
      signing: {...parsed.signing, ...(parsed.signing.key !== undefined && {key: parsed.signing.key.replace(/^file:(?!\/)/, 'file:/policy/')})},
      root: '/policy',
      file: FILE,
    },
    variable: (name) => variables[name],
    project: async () => files,
    files: {
      exists: async (path) => (disk.has(path) || halves[path] !== undefined) && !lost.includes(path),
      async read(path) {
        const there = disk.get(path) ?? (halves[path] === undefined ? undefined : 'a private key')
        if (there === undefined) throw new AppError('usage.input', `cannot read ${path}`)
        return Buffer.from(there)
      },
    },
    runTool: answer as RunTool,
    evidence,
    firstId,
    disk,
    text: () => disk.get(FILE) ?? '',
    pins: (environment) =>
      Config.parse(readDocument(disk.get(FILE) ?? '').value).environments[environment]?.requires?.signature?.keys as unknown as Record<string, string>[],
  }
}
/** The next command of the same person: the file is read anew, the evidence is where it was. */
export const again = ({disk, evidence}: Project) => project('', {disk, evidence, firstId: (commands += IDS)})
export const rotate = async (context: Project, request: RotateRequest = {}) => rotateKey({to: 'file:new.key', ...request}, context)
/** What this command recorded. */
export const details = async ({records, firstId}: Project) =>
  (await records()).filter(({id}) => Math.floor(Number(id.slice(6)) / IDS) * IDS === firstId).map(({data}) => data.detail)
