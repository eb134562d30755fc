/**
 * A Docker archive (`docker save`): which image it is, and whether its layers are those that its configuration names.
 *
 * Format: `manifest.json` names one configuration and its layers; the
 * configuration names the digest of each uncompressed layer (`rootfs.diff_ids`).
 * Layers may be compressed.
 */
import {createHash} from 'node:crypto'
import {open, type FileHandle} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {platformText} from '../images/platforms.ts'
import type {DockerArchive} from '../ports/scanners.ts'
import {errorCode} from './error-code.ts'
import {readRange} from './layout-files.ts'
import {tarMembers, type TarMember} from './tar-members.ts'

const Manifests = z.array(z.looseObject({Config: z.string(), Layers: z.array(z.string())}))
const Configuration = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  rootfs: z.looseObject({diff_ids: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/))}),
})

/** Manifest and configuration are small; a member that claims more is not read. */
const DOCUMENT_MAX = 8 * 1024 * 1024

/** @throws AppError `usage.target`, `image.corrupt`, `image.unsupported` */
export async function readDockerArchive(path: string): Promise<DockerArchive> {
  const file = await openArchive(path)
  try {
    const members = new Map<string, TarMember>()
    for await (const member of tarMembers(file)) members.set(member.name, member)
    const manifests = await readDocument(file, members.get('manifest.json'), Manifests, path)
    const [manifest] = manifests.value
    if (manifest === undefined || manifests.value.length > 1) {
      throw new AppError('image.unsupported', `${path} holds ${manifests.value.length} images; exactly one can be judged`)
    }
    const config = await readDocument(file, members.get(manifest.Config), Configuration, path)
    const diffIds = config.value.rootfs.diff_ids
    if (diffIds.length !== manifest.Layers.length)
      throw new AppError('image.corrupt', `${path} has ${manifest.Layers.length} layers, but its configuration names ${diffIds.length}`)
    for (const [index, layer] of manifest.Layers.entries()) await checkLayer(file, members.get(layer), layer, diffIds[index], path)
    const {os, architecture, variant} = config.value
    return {digest: config.digest, platform: platformText({os, architecture, ...(variant !== undefined && {variant})}, config.digest)}
  } finally {
    await file.close()
  }
}

/** A link to another member, as old archives have them, is not followed: such a layer is refused. */
async function checkLayer(file: FileHandle, member: TarMember | undefined, name: string, diffId: string | undefined, path: string): Promise<void> {
  if (member === undefined || !member.isFile) throw new AppError('image.corrupt', `${path} does not hold its layer ${name}`)
  const content = () => Readable.from(readRange(file, member.offset, member.size))
  if ((await sha256Of(content())) === diffId) return
  if ((await sha256OfUnzipped(content())) === diffId) return
  throw new AppError('image.corrupt', `the layer ${name} of ${path} is not the one that its configuration names`)
}

async function sha256Of(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

/** undefined where it is no gzip. */
async function sha256OfUnzipped(stream: Readable): Promise<string | undefined> {
  try {
    return await sha256Of(stream.pipe(createGunzip()) as AsyncIterable<Uint8Array>)
  } catch {
    return undefined
  }
}

async function readDocument<T>(
  file: FileHandle,
  member: TarMember | undefined,
  shape: z.ZodType<T>,
  path: string,
): Promise<{readonly value: T; readonly digest: string}> {
  if (member === undefined || !member.isFile || member.size > DOCUMENT_MAX)
    throw new AppError('image.unsupported', `${path} is not a Docker archive that can be read`)
  const parts: Uint8Array[] = []
  for await (const chunk of readRange(file, member.offset, member.size)) parts.push(chunk)
  const bytes = Buffer.concat(parts)
  try {
    return {value: shape.parse(JSON.parse(bytes.toString('utf8'))), digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`}
  } catch (cause) {
    throw new AppError('image.unsupported', `${member.name} in ${path} is not what a Docker archive has there`, {cause})
  }
}

async function openArchive(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new AppError('usage.target', `${path} cannot be read: ${errorCode(error) ?? String(error)}`, {cause: error})
  }
}
