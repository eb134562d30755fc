/**
 * The TARGET argument of commands. Pure: what lies at a path is asked of `probe`.
 *
 * A prefix (`registry:`, `oci-dir:`, `oci-archive:`, `docker-archive:`, `dir:`)
 * decides; without one, what exists as a path is a path, and the rest must be
 * an image reference. A text that is both is refused: a folder in a checkout
 * must not stand in for an image.
 */
import {AppError} from '../errors.ts'
import type {ImageStore, ManifestContent, Target} from '../ports/images.ts'
import {isDigest, isTag, parseReference, splitReference} from './reference.ts'

export interface PathFacts {
  readonly kind: 'layout' | 'folder' | 'oci-archive' | 'docker-archive' | 'other-file' | 'absent'
  /** Absolute. */
  readonly path: string
}

/** Says what lies at a path, as typed. */
export type PathProbe = (path: string) => Promise<PathFacts>

type PathTarget = Target & {readonly kind: 'layout' | 'archive' | 'folder'}
type Found = Omit<PathFacts, 'kind'> & {readonly kind: Exclude<PathFacts['kind'], 'absent'>}

const PREFIXES = [
  ['registry', 'registry'],
  ['oci-dir', 'layout'],
  ['oci-archive', 'oci-archive'],
  ['docker-archive', 'docker-archive'],
  ['dir', 'folder'],
] as const

/** @throws AppError `usage.target`, `usage.empty` */
export async function parseTarget(text: string, probe: PathProbe): Promise<Target> {
  if (text.trim() === '') throw new AppError('usage.empty', 'the target is empty')
  const prefix = PREFIXES.find(([name]) => text.startsWith(`${name}:`))
  if (prefix !== undefined) {
    const [name, wanted] = prefix
    const rest = text.slice(name.length + 1)
    if (rest === '') throw new AppError('usage.empty', `nothing follows ${name}:`)
    return wanted === 'registry' ? {kind: 'registry', ...parseReference(rest), text} : explicitPath(wanted, rest, text, probe)
  }
  const found = await findPath(text, text, probe)
  if (found !== undefined && readsAsReference(text)) throw bothPathAndImage(text)
  if (found !== undefined) return found
  if (looksLikePath(text)) throw absent(text)
  return {kind: 'registry', ...parseReference(text), text}
}

/** The manifest that a target means: its digest, else its tag, else `latest` of a repository or the only image of a layout. */
export async function resolveTarget(target: Target & {kind: 'registry' | 'layout'}, store: ImageStore): Promise<ManifestContent> {
  return store.resolve(target.digest ?? target.tag ?? (target.kind === 'registry' ? 'latest' : ''))
}

async function explicitPath(wanted: 'layout' | 'folder' | 'oci-archive' | 'docker-archive', rest: string, text: string, probe: PathProbe): Promise<Target> {
  if (wanted === 'layout') {
    const target = await findPath(rest, text, probe)
    if (target?.kind === 'layout') return target
    throw target === undefined ? absent(rest) : new AppError('usage.target', `${JSON.stringify(rest)} is not an OCI layout: it has no file oci-layout`)
  }
  const facts = await probe(rest)
  if (facts.kind === 'absent') throw absent(rest)
  const isFolder = facts.kind === 'folder' || facts.kind === 'layout'
  if (wanted === 'folder') {
    if (isFolder) return {kind: 'folder', path: facts.path, text}
    throw new AppError('usage.target', `${JSON.stringify(rest)} is a file, not a folder`)
  }
  if (isFolder || facts.kind === 'other-file') throw new AppError('usage.target', `${JSON.stringify(rest)} is not an ${wanted}`)
  return {kind: 'archive', path: facts.path, format: wanted, text}
}

/** The text as a path, then as `PATH@sha256:…`, `PATH:TAG` or both of an OCI layout. */
async function findPath(text: string, whole: string, probe: PathProbe): Promise<PathTarget | undefined> {
  const facts = await probe(text)
  if (isThere(facts)) return pathTarget(facts, whole)
  const {name, tag, digest} = splitReference(text)
  if (digest !== undefined) {
    const untouched = await layoutAt(text.slice(0, text.lastIndexOf('@')), probe)
    if (untouched !== undefined) return {kind: 'layout', path: untouched, digest: checkedDigest(digest, whole), text: whole}
  }
  if (tag === undefined) return undefined
  const path = await layoutAt(name, probe)
  if (path === undefined) return undefined
  if (!isTag(tag)) throw new AppError('usage.target', `the tag ${JSON.stringify(tag)} of ${JSON.stringify(whole)} is not valid`)
  return {kind: 'layout', path, tag, ...(digest === undefined ? {} : {digest: checkedDigest(digest, whole)}), text: whole}
}

function isThere(facts: PathFacts): facts is Found {
  return facts.kind !== 'absent'
}

async function layoutAt(path: string, probe: PathProbe): Promise<string | undefined> {
  if (path === '') return undefined
  const facts = await probe(path)
  return facts.kind === 'layout' ? facts.path : undefined
}

function checkedDigest(digest: string, text: string): string {
  if (!isDigest(digest)) throw new AppError('usage.target', `the digest ${JSON.stringify(digest)} of ${JSON.stringify(text)} is not sha256:<64 lower-case hex>`)
  return digest
}

function pathTarget({kind, path}: Found, text: string): PathTarget {
  if (kind === 'layout' || kind === 'folder') return {kind, path, text}
  if (kind === 'other-file') {
    throw new AppError('usage.target', `${JSON.stringify(text)} is a file, but no image archive: a tar with oci-layout or manifest.json in it`)
  }
  return {kind: 'archive', path, format: kind, text}
}

/** With a digest, a tag or a host that has a dot or a port, the whole text could be meant as an image. */
export function readsAsReference(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch {
    return false
  }
}

export function bothPathAndImage(text: string): AppError {
  return new AppError('usage.target', `${JSON.stringify(text)} is both a path and an image reference`, {
    fix: `Write ./${text} for the path, or registry:${text} for the image.`,
  })
}

function looksLikePath(text: string): boolean {
  return /^(?:\.{0,2}\/|~|\.{1,2}$)/.test(text) || text.endsWith('/') || /\.tar(?:\.gz)?$|\.tgz$/.test(text)
}

function absent(path: string): AppError {
  return new AppError('usage.target', `there is no file or folder ${JSON.stringify(path)}`)
}
