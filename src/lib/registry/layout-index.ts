/**
 * `index.json` of an OCI layout: the images by name, and what is attached to
 * them. Replaced as a whole, by one writer at a time.
 */
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {MANIFEST_MAX, MEDIA_TYPES, isIndex, parseManifest} from '../images/manifest.ts'
import type {Descriptor, Manifest} from '../ports/images.ts'
import {readBounded, writeAtomically} from './layout-files.ts'
import {withLock} from '../lock.ts'

/** Milliseconds: many may attach to one layout at the same time. */
const PATIENCE = 120_000
const REF_NAME = 'org.opencontainers.image.ref.name'

/** @throws AppError `image.corrupt` */
export async function readIndex(root: string): Promise<Manifest & {manifests: readonly Descriptor[]}> {
  const path = join(root, 'index.json')
  const bytes = await readBounded(path, MANIFEST_MAX)
  if (bytes === undefined) throw new AppError('image.corrupt', `${path} is missing`)
  try {
    const {json} = parseManifest(bytes)
    if (!isIndex(json)) throw new AppError('image.corrupt', `${path} is not an index`)
    return {...json, manifests: json.manifests ?? []}
  } catch (error) {
    throw new AppError('image.corrupt', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {cause: error})
  }
}

/** Adds those whose digest is not listed. @throws AppError `image.corrupt`, `layout.not-written`, `store.conflict` */
export async function addEntries(root: string, added: readonly Descriptor[]): Promise<void> {
  await changeIndex(root, (entries) => {
    const listed = new Set(entries.map(({digest}) => digest))
    const fresh = added.filter(({digest}) => !listed.has(digest))
    return fresh.length === 0 ? entries : [...entries, ...fresh]
  })
}

/** Moves the name to `entry`; what had it before stays, unnamed. */
export async function nameEntry(root: string, entry: Descriptor, name: string): Promise<void> {
  await changeIndex(root, (entries) => {
    const others = entries.filter((item) => item.digest !== entry.digest || (nameOf(item) !== undefined && nameOf(item) !== name))
    const unnamed = others.map((item) => (nameOf(item) === name ? withoutName(item) : item))
    return [...unnamed, {...entry, annotations: {...entry.annotations, [REF_NAME]: name}}]
  })
}

export function nameOf({annotations}: Descriptor): string | undefined {
  return annotations?.[REF_NAME]
}

function withoutName(entry: Descriptor): Descriptor {
  const {annotations, ...rest} = entry
  const {[REF_NAME]: _, ...kept} = annotations ?? {}
  return Object.keys(kept).length === 0 ? rest : {...rest, annotations: kept}
}

async function changeIndex(root: string, change: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> {
  const work = async (): Promise<void> => {
    const index = await readIndex(root)
    const manifests = change(index.manifests)
    if (manifests !== index.manifests) await writeAtomically(join(root, 'index.json'), [indexBytes({...index, manifests})])
  }
  await withLock(join(root, '.index.json.lock'), work, {wait: PATIENCE, fault: 'layout.not-written'})
}

export function indexBytes(index: Manifest): Uint8Array {
  return Buffer.from(`${JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, ...index})}\n`)
}
