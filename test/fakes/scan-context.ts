/**
 * A context for sbom and scan: images in memory, records through the real
 * recorder into a store in memory, tools that answer what a test says.
 *
 * Promise: a tool's answer goes through the adapter's own exit codes and
 * parser, as the real runner does it; what a test does not answer is
 * `tool.missing`. Private copies are counted, and none is left.
 */
import {createRecorder, noRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {Config} from '../../src/lib/config/schema.ts'
import {AppError} from '../../src/lib/errors.ts'
import {parseRecordKey} from '../../src/lib/evidence/key.ts'
import {openRecord} from '../../src/lib/evidence/record.ts'
import type {EvidenceRecord} from '../../src/lib/evidence/schema.ts'
import type {Context} from '../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import type {ImageStore, Target} from '../../src/lib/ports/images.ts'
import type {AdvisoryDatabase} from '../../src/lib/ports/scanners.ts'
import type {ToolName, ToolOutput} from '../../src/lib/ports/tools.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {memoryStore} from './memory-store.ts'
import {quietContext, type QuietContext} from './quiet-context.ts'
import {recorderParts} from './recorder-parts.ts'

export const NOW = new Date('2026-06-15T12:00:00.000Z')

/** What a tool leaves behind, or the error with which it fails. */
export type Answer = Partial<ToolOutput> | AppError
export type Answers = Partial<Record<ToolName, (argv: readonly string[]) => Answer>>

export interface ScanSetting {
  readonly target: Target
  /** The image, where the target is one. */
  readonly image?: ImageStore
  readonly answers?: Answers
  readonly database?: Partial<AdvisoryDatabase>
  readonly withoutDatabase?: boolean
  /** As in `hipaa-ci.yaml`. */
  readonly gate?: unknown
  readonly platforms?: readonly string[]
  /** `tools.trivy`. */
  readonly trivy?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, Uint8Array>>
  readonly evidence?: EvidenceStore
  readonly record?: boolean
}

export interface ScanContext extends QuietContext {
  readonly calls: readonly {readonly tool: ToolName; readonly argv: readonly string[]}[]
  /** Private copies that were made and not cleared away. */
  left(): number
  /** What was recorded, oldest first. */
  records(): Promise<EvidenceRecord[]>
}

const hours = (count: number) => new Date(NOW.getTime() - count * 3_600_000).toISOString()

export const FRESH: AdvisoryDatabase = {
  folder: '/advisories',
  vulnerabilities: {updatedAt: hours(1), sha256: 'd'.repeat(64), sources: ['debian 12', 'maven::x', 'npm::x']},
  java: {updatedAt: hours(1), nextUpdate: hours(-71), rows: 5},
}

export function scanContext(setting: ScanSetting): ScanContext {
  const {target, image, answers = {}, database = {}, gate = {}, platforms, files = {}, evidence = memoryStore(), record = true} = setting
  const calls: {tool: ToolName; argv: readonly string[]}[] = []
  const position = implicitRun('01JXS800000000000000000000', 'main')
  const config = Config.parse({
    version: 1,
    system: 'patient-api',
    gate,
    tools: {trivy: setting.trivy ?? {}},
    ...(platforms !== undefined && {platforms: [...platforms]}),
  })
  let copies = 0

  const runTool: Context['runTool'] = async (spec, input) => {
    const argv = spec.argv(input, '/scratch')
    calls.push({tool: spec.tool, argv})
    const answer = answers[spec.tool]?.(argv) ?? new AppError('tool.missing', `${spec.tool} was not found`)
    if (answer instanceof AppError) throw answer
    const output: ToolOutput = {exitCode: 0, stdout: '', stderr: '', files: new Map(), ...answer}
    if (!spec.answers.includes(output.exitCode)) throw new AppError('tool.failed', `${spec.tool} ended with exit code ${output.exitCode}`)
    return {value: spec.parse(output, input), tool: {name: spec.tool, version: '1.2.3', sha256: 'e'.repeat(64)}}
  }
  const context = quietContext({
    config: {...config, root: '/project'},
    now: () => NOW,
    runTool,
    codeRules: ['/rules'],
    advisories: async () => (setting.withoutDatabase === true ? {folder: FRESH.folder} : {...FRESH, ...database}),
    store: async () => evidence,
    recorder: async () => (record ? createRecorder({...recorderParts({store: evidence}), position}) : noRecorder),
    target: async (text) => (text.startsWith('dir:/code') ? {kind: 'folder', path: '/code', text} : {...target, text}),
    images: async () => image ?? missing('image'),
    checkouts: async () => ({
      async single(store, digest) {
        copies += 1
        return {path: `/copies/${digest}`, store, remove: async () => void (copies -= 1)}
      },
      unpack: () => missing('archive'),
      dockerArchive: async () => ({digest: `sha256:${'c'.repeat(64)}`, platform: 'linux/amd64'}),
    }),
    files: {
      read: async (path) => files[path] ?? missing(path),
      exists: async (path) => path in files,
    },
  })
  return Object.assign(context, {
    calls,
    left: () => copies,
    async records() {
      const records: EvidenceRecord[] = []
      for await (const key of evidence.list('records/')) {
        const bytes = await evidence.get(key)
        if (bytes !== undefined && parseRecordKey(key) !== undefined) records.push(openRecord(bytes))
      }
      return records.toSorted((a, b) => a.seq - b.seq)
    },
  })
}

function missing(what: string): never {
  throw new AppError('usage.input', `the test gave no ${what}`)
}
