/**
 * SPDX 2.3 JSON (spdx/spdx-spec, schemas/spdx-schema.json) as the packages that it lists. Pure.
 *
 * Only what is needed is checked; the bytes themselves are kept as they are.
 * The described root (the image or folder itself) is no package.
 */
import {PackageURL} from 'packageurl-js'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {readSourceInfo} from './source-info.ts'

export interface SbomPackage {
  readonly name: string
  readonly version: string
  readonly purl?: string
  /** Package URL type, else what the describer says of the source, else `unknown`. */
  readonly type: string
  readonly licence?: string
  /** The files in which it was seen, without a leading slash. */
  readonly paths: readonly string[]
  /** The package that installed its files, where another one claims them. */
  readonly owner?: string
}

export interface Sbom {
  readonly name: string
  /** `syft-1.51.0`, where the document says. */
  readonly tool?: string
  readonly created: string
  /** Version of what is described: of an image its digest. */
  readonly version?: string
  readonly packages: readonly SbomPackage[]
}

const SpdxPackage = z.looseObject({
  SPDXID: z.string(),
  name: z.string(),
  versionInfo: z.string().optional(),
  licenseConcluded: z.string().optional(),
  licenseDeclared: z.string().optional(),
  sourceInfo: z.string().optional(),
  externalRefs: z.array(z.looseObject({referenceType: z.string(), referenceLocator: z.string()})).optional(),
})
type SpdxPackage = z.infer<typeof SpdxPackage>

const Relationship = z.looseObject({
  spdxElementId: z.string(),
  relatedSpdxElement: z.string(),
  relationshipType: z.string(),
  comment: z.string().optional(),
})
type Relationship = z.infer<typeof Relationship>

const Document = z.looseObject({
  spdxVersion: z.literal('SPDX-2.3'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string(),
  creationInfo: z.looseObject({created: z.string(), creators: z.array(z.string())}),
  packages: z.array(SpdxPackage).default([]),
  relationships: z.array(Relationship).default([]),
})

/** @throws AppError `tool.output` where the bytes are not an SPDX 2.3 JSON document */
export function readSpdx(bytes: Uint8Array): Sbom {
  const {name, creationInfo, packages, relationships} = parseDocument(bytes)
  const roots = new Set(relationships.filter(({relationshipType}) => relationshipType === 'DESCRIBES').map(({relatedSpdxElement}) => relatedSpdxElement))
  const byId = new Map(packages.map((item) => [item.SPDXID, item]))
  const owners = new Map(relationships.filter(isOwnership).map((item) => [item.relatedSpdxElement, item.spdxElementId]))
  const version = packages.find(({SPDXID}) => roots.has(SPDXID))?.versionInfo
  const tool = creationInfo.creators.find((creator) => creator.startsWith('Tool: '))?.slice('Tool: '.length)
  return {
    name,
    created: creationInfo.created,
    ...(version !== undefined && {version}),
    ...(tool !== undefined && {tool}),
    packages: packages.filter(({SPDXID}) => !roots.has(SPDXID)).map((item) => toPackage(item, ownerOf(item, owners, byId))),
  }
}

/** Packages by type, most frequent first. */
export function countByType(packages: readonly SbomPackage[]): {readonly type: string; readonly count: number}[] {
  const counts = new Map<string, number>()
  for (const {type} of packages) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({type, count})).toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1))
}

/** The packages of several platforms, each once. */
export function mergePackages(boms: readonly Sbom[]): SbomPackage[] {
  const merged = new Map<string, SbomPackage>()
  for (const item of boms.flatMap(({packages}) => packages)) merged.set(JSON.stringify([item.type, item.name, item.version, item.paths]), item)
  return [...merged.values()]
}

function parseDocument(bytes: Uint8Array): z.infer<typeof Document> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw new AppError('tool.output', `the SBOM of ${bytes.byteLength} bytes is not JSON`, {cause})
  }
  const parsed = Document.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(document)'}: ${issue.message}`)
  throw new AppError('tool.output', `the SBOM is not SPDX 2.3 JSON: ${faults.slice(0, 5).join('; ')}`)
}

/** Syft's own wording (syft, spdxhelpers/relationship): one package claims the files in which another was seen. */
function isOwnership({comment}: Relationship): boolean {
  return comment?.startsWith('ownership-by-file-overlap') ?? false
}

function ownerOf({SPDXID}: SpdxPackage, owners: ReadonlyMap<string, string>, byId: ReadonlyMap<string, SpdxPackage>): string | undefined {
  const id = owners.get(SPDXID)
  return id === undefined ? undefined : byId.get(id)?.name
}

function toPackage(item: SpdxPackage, owner: string | undefined): SbomPackage {
  const purl = item.externalRefs?.find(({referenceType}) => referenceType === 'purl')?.referenceLocator
  const seen = readSourceInfo(item.sourceInfo)
  const licence = [item.licenseConcluded, item.licenseDeclared].find((text) => text !== undefined && text !== 'NOASSERTION' && text !== 'NONE')
  return {
    name: item.name,
    version: item.versionInfo ?? '',
    type: typeOf(purl) ?? seen.type ?? 'unknown',
    paths: seen.paths,
    ...(purl !== undefined && {purl}),
    ...(licence !== undefined && {licence}),
    ...(owner !== undefined && {owner}),
  }
}

function typeOf(purl: string | undefined): string | undefined {
  if (purl === undefined) return undefined
  try {
    return PackageURL.fromString(purl).type
  } catch {
    return undefined
  }
}
