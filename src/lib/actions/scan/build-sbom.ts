/**
 * Describes an image, archive or folder as SPDX 2.3, every platform by itself,
 * and writes one record with one document per platform.
 */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {redactBlob} from '../../evidence/redaction/blob.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {countByType, mergePackages, readSpdx, type Sbom} from '../../sbom/spdx.ts'
import {SPDX_MEDIA_TYPE, syft} from '../../tools/syft.ts'
import type {Context} from '../../ports/context.ts'
import {withParts, type LaidOut, type OpenParts, type Part} from './open-parts.ts'

export interface SbomRequest {
  readonly target: string
  /** Default: `platforms` of the configuration, else all. */
  readonly platforms?: readonly string[]
  /** The repository that a layout or archive stands for. */
  readonly repository?: string
  /** Milliseconds for one run of Syft. */
  readonly timeout?: number
}

export interface PlatformSbom {
  /** `unknown/unknown` for a folder. */
  readonly platform: string
  readonly digest?: string
  /** Name of the document among the record's blobs: `sbom.linux-amd64.spdx.json`. */
  readonly document: string
  readonly packages: number
}

export interface SbomResult {
  readonly exitCode: ExitCode
  readonly target: string
  readonly repository?: string
  readonly digest?: string
  readonly format: 'SPDX-2.3'
  /** Different packages over all platforms. */
  readonly packages: number
  /** By package URL type, most frequent first. */
  readonly types: readonly {readonly type: string; readonly count: number}[]
  readonly platforms: readonly PlatformSbom[]
  readonly leftOut: readonly string[]
  readonly warnings: readonly string[]
  readonly tool: ToolRecord
  /** Id of the record; undefined under --no-record. */
  readonly record: string | undefined
}

export interface BuiltSbom {
  readonly result: SbomResult
  /** The documents as they are stored, in the order of `result.platforms`. */
  readonly documents: readonly Uint8Array[]
}

/** @throws AppError `usage.*`, `image.*`, `registry.*`, `tool.*`, `record.*`, `redaction.*`, `store.*` */
export async function buildSbom(request: SbomRequest, context: Context): Promise<BuiltSbom> {
  return withParts(request, context, async (open) => {
    const described: Described[] = []
    // One after another: a large image lies on the disk once.
    // oxlint-disable-next-line no-await-in-loop
    for (const part of open.parts) described.push(await describePart(part, open, request, context))
    const [first] = described
    if (first === undefined) throw new AppError('bug', `nothing in ${request.target} could be described`)
    const merged = mergePackages(described.map(({sbom}) => sbom))
    const names = documentNames(open.parts)
    const platforms = described.map(({part, sbom}, index) => ({
      platform: part.platform,
      ...(part.digest !== undefined && {digest: part.digest}),
      document: names[index] ?? 'sbom.spdx.json',
      packages: sbom.packages.length,
    }))
    const warnings = warningsOf(described)
    const record = await recordSbom({open, described, platforms, packages: merged.length, warned: warnings.length > 0}, first.tool, context)
    const result: SbomResult = {
      exitCode: EXIT.ok,
      target: request.target,
      ...(open.repository !== undefined && {repository: open.repository}),
      ...(open.digest !== undefined && {digest: open.digest}),
      format: 'SPDX-2.3',
      packages: merged.length,
      types: countByType(merged),
      platforms,
      leftOut: open.leftOut,
      warnings,
      tool: first.tool,
      record,
    }
    return {result, documents: described.map(({bytes}) => bytes)}
  })
}

export interface Described {
  readonly part: Part
  /** After redaction: what is stored, handed out and attested are the same bytes. */
  readonly bytes: Uint8Array
  readonly sbom: Sbom
  readonly tool: ToolRecord
  readonly unscanned: LaidOut['unscanned']
}

async function describePart(part: Part, open: OpenParts, {timeout}: SbomRequest, context: Context): Promise<Described> {
  context.progress.step(`Describing ${open.target.text}${part.digest === undefined ? '' : ` ${part.platform}`}`)
  return part.use(async (laid) => describeLaidOut(part, laid, {name: open.name, timeout}, context))
}

/** Runs Syft on a part that is laid out already. @throws AppError `tool.*` */
export async function describeLaidOut(
  part: Part,
  laid: LaidOut,
  {name, timeout}: {readonly name: string; readonly timeout?: number | undefined},
  {runTool}: Context,
): Promise<Described> {
  const spec = timeout === undefined ? syft : {...syft, timeout}
  const {value, tool} = await runTool(spec, {source: {kind: laid.kind, path: laid.path}, name, ...(part.digest !== undefined && {version: part.digest})})
  const {bytes, count} = redactBlob({name: 'sbom.spdx.json', mediaType: SPDX_MEDIA_TYPE, bytes: value.bytes}, undefined)
  return {part, bytes, sbom: count === 0 ? value.sbom : readSpdx(bytes), tool, unscanned: laid.unscanned}
}

/** An image without packages may be right (a static program), but mostly the describer was blind. */
function warningsOf(described: readonly Described[]): string[] {
  const unread = described.flatMap(({unscanned}) => unscanned).map(({what}) => `the layer ${what} is of a kind that is not read`)
  const empty = described
    .filter(({sbom}) => sbom.packages.length === 0)
    .map(
      ({part}) =>
        `no package was found${part.digest === undefined ? '' : ` for ${part.platform}`}: an image of known software that lists none was not understood`,
    )
  return [...unread, ...empty]
}

/** `sbom.linux-amd64.spdx.json`; the digest is added where two images are for one platform. */
function documentNames(parts: readonly Part[]): string[] {
  return parts.map(({platform, digest}) => {
    if (digest === undefined) return 'sbom.spdx.json'
    const twin = parts.filter((other) => other.platform === platform).length > 1
    return `sbom.${platform.replaceAll('/', '-')}${twin ? `.${digest.slice(7, 19)}` : ''}.spdx.json`
  })
}

interface SbomFacts {
  readonly open: OpenParts
  readonly described: readonly Described[]
  readonly platforms: readonly PlatformSbom[]
  readonly packages: number
  readonly warned: boolean
}

async function recordSbom({open, described, platforms, packages, warned}: SbomFacts, tool: ToolRecord, context: Context): Promise<string | undefined> {
  const recorder = await context.recorder()
  if (!recorder.enabled) {
    context.progress.note('not recorded')
    return undefined
  }
  const {id} = await recorder.write({
    stream: 'sbom',
    ...(open.subject !== undefined && {subject: open.subject}),
    outcome: warned ? 'warn' : 'pass',
    tools: [tool],
    detail: {
      format: 'spdx-2.3+json',
      packages,
      platforms: platforms.map(({platform, digest, document, packages: count}) => ({
        platform,
        ...(digest !== undefined && {digest}),
        packages: count,
        blob: document,
      })),
      unscanned: described.flatMap(({unscanned}) => unscanned).slice(0, 200),
    },
    blobs: described.map(({bytes}, index) => ({name: platforms[index]?.document ?? 'sbom.spdx.json', mediaType: SPDX_MEDIA_TYPE, bytes})),
  })
  return id
}
