/** Scans in memory: what the tools said about small synthetic images, recorded or in the recorded form, and the run of one scan. */
import assert from 'node:assert/strict'
import {buildImage, buildIndex, pushImage, type OciImage} from '../../../../scripts/image/build-image.ts'
import {scanTarget, type ScanRequest, type ScannedTarget} from '../../../../src/lib/actions/scan/scan-target.ts'
import type {EvidenceRecord, RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {ToolOutput} from '../../../../src/lib/ports/tools.ts'
import {scanContext, type ScanContext, type ScanSetting} from '../../../fakes/scan-context.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {recording} from '../../recording.ts'

export const REPOSITORY = 'registry.example/clinic/api'

export async function imageStore(image: OciImage = oneImage()): Promise<{image: MemoryImageStore; digest: string}> {
  const store = memoryImageStore({repository: REPOSITORY})
  return {image: store, digest: await pushImage(store, image)}
}

export function oneImage(platform = 'linux/amd64'): OciImage {
  return buildImage({platform, layers: [{files: {'app/x': platform}}], config: {User: '1000'}})
}

export function twoPlatforms(): OciImage {
  return buildIndex([oneImage('linux/amd64'), oneImage('linux/arm64')])
}

/** Four packages, seven vulnerabilities, two secrets, four misconfigurations, and a file that was not parsed. */
export const vulnerable = {
  syft: (): Partial<ToolOutput> => ({files: new Map([['sbom.spdx.json', recording('syft@1.51.0/image.spdx.json')]])}),
  trivy: (): Partial<ToolOutput> => ({
    exitCode: 10,
    stderr: recording('trivy@0.74.0/image.stderr.txt').toString(),
    files: new Map([['report.json', recording('trivy@0.74.0/image.json')]]),
  }),
}

interface Report {
  Metadata?: unknown
  Results: {Class?: string; Type?: string; Packages?: unknown[]; Vulnerabilities?: unknown[]; Secrets?: unknown[]; Misconfigurations?: unknown[]}[]
}

/** The recorded report after `change`. */
export function trivyReport(change: (report: Report) => void, exitCode = 0): Partial<ToolOutput> {
  const report = JSON.parse(recording('trivy@0.74.0/image.json').toString()) as Report
  change(report)
  return {exitCode, files: new Map([['report.json', Buffer.from(JSON.stringify(report))]])}
}

/** Takes all findings out of a report. */
export function withoutFindings({Results}: Report): void {
  for (const result of Results) for (const part of ['Vulnerabilities', 'Secrets', 'Misconfigurations'] as const) delete result[part]
}

/** The same packages, and nothing wrong with them. */
export const clean = {
  ...vulnerable,
  trivy: (): Partial<ToolOutput> => trivyReport(withoutFindings),
}

/** Semgrep's recorded answer, and the files that it names. */
export const code = {
  semgrep: (): Partial<ToolOutput> => ({
    exitCode: 1,
    files: new Map([['report.json', Buffer.from(recording('semgrep@1.185.0/source.json').toString().replaceAll('/example/code', '/code'))]]),
  }),
}
const PYTHON = Buffer.from('import logging\n\n\ndef f(p):\n    logging.info("é %s", p.ssn)\n')
export const codeFiles = Object.fromEntries(
  ['a.py', 'broken.py', 'huge_ok.py', 'ignored.py', 'nosem.py', 'tests/t.py'].map((name) => [`/code/${name}`, PYTHON]),
)

export const registryTarget = {kind: 'registry', repository: REPOSITORY, text: REPOSITORY} as const

/** Scans `picture`, with the vulnerable answers unless others are given. */
export async function scan(
  setting: Partial<ScanSetting>,
  request: Partial<ScanRequest> = {},
  picture = oneImage(),
): Promise<ScannedTarget & {readonly context: ScanContext; readonly digest: string}> {
  const {image, digest} = await imageStore(picture)
  const context = scanContext({target: {...registryTarget, digest}, image, answers: vulnerable, ...setting})
  const scanned = await scanTarget({target: `${REPOSITORY}@${digest}`, ...request}, context)
  assert.equal(context.left(), 0, 'a private copy was left')
  return {...scanned, context, digest}
}

export function ofStream<S extends 'scan' | 'gate'>(records: readonly EvidenceRecord[], stream: S): RecordOf<S>[] {
  return records.filter((record): record is RecordOf<S> => record.stream === stream)
}
