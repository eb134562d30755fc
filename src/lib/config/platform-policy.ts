/**
 * The platform's policy as values: strict, every fault at once with its line,
 * and with every path in it absolute, so that it can be laid under a
 * configuration that lies elsewhere. Pure.
 */
import {resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {isWebAddress} from '../evidence/web-address.ts'
import {faultLines, schemaFaults, undecidedFaults} from './check.ts'
import {readDocument, type ConfigDocument} from './document.ts'
import {isMapping} from './mapping.ts'
import {PlatformPolicy} from './schema.ts'
import {faultSentence} from './sentences.ts'

export interface ReadPlatformPolicy {
  /** As written, but for the paths. */
  readonly raw: Readonly<Record<string, unknown>>
  readonly policy: PlatformPolicy
}

/** The keys of a configuration that a platform's policy may govern. */
export const GOVERNED_KEYS: readonly string[] = Object.keys(PlatformPolicy.shape).filter((key) => key !== 'version')

/**
 * @param name for messages
 * @param folder where relative paths start from
 * @throws AppError `policy.unreadable` where it is no YAML, `policy.invalid`
 */
export function readPlatformPolicy(name: string, bytes: Uint8Array, folder: string): ReadPlatformPolicy {
  const document = documentOf(name, bytes)
  const at = (path: readonly (string | number)[], part: 'keyAt' | 'valueAt') => {
    const {line, column} = document[part](path)
    return `${name}:${line}:${column}`
  }
  const parsed = PlatformPolicy.safeParse(document.value, {error: faultSentence})
  if (!parsed.success)
    throw new AppError('policy.invalid', faultLines(schemaFaults(parsed.error, document.value, at, PlatformPolicy), "the platform's policy"), {
      fix: 'Correct the lines named.',
    })
  const undecided = undecidedFaults(parsed.data.images ?? [], at)
  if (undecided.length > 0) throw new AppError('policy.invalid', faultLines(undecided, "the platform's policy"), {fix: 'Correct the lines named.'})
  const raw = withAbsolutePaths(document.value, folder)
  return {raw: isMapping(raw) ? raw : {}, policy: PlatformPolicy.parse(raw)}
}

/** @param governed values under the keys that a policy may have */
export function withAbsolutePaths(governed: unknown, folder: string): unknown {
  if (!isMapping(governed)) return governed
  const place = (value: unknown) => (typeof value === 'string' && !isWebAddress(value) ? resolve(folder, value) : value)
  const {revocations} = governed
  const top = Object.fromEntries(['trusted-root', 'identities'].flatMap((key) => (Object.hasOwn(governed, key) ? [[key, place(governed[key])]] : [])))
  const list = isMapping(revocations) && Object.hasOwn(revocations, 'from') ? {revocations: {...revocations, from: place(revocations['from'])}} : {}
  return placeFiles({...governed, ...top, ...list}, folder)
}

/** `file: PATH` and `key: file:PATH`, wherever they stand. */
function placeFiles(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => placeFiles(item, folder))
  if (!isMapping(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'file' && typeof inner === 'string') return [key, resolve(folder, inner)]
      if (key === 'key' && typeof inner === 'string' && inner.startsWith('file:')) return [key, `file:${resolve(folder, inner.slice('file:'.length))}`]
      return [key, placeFiles(inner, folder)]
    }),
  )
}

function documentOf(name: string, bytes: Uint8Array): ConfigDocument {
  let text: string
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (cause) {
    throw new AppError('policy.unreadable', `${name} is not UTF-8`, {cause})
  }
  const document = readDocument(text)
  if (document.faults.length === 0) return document
  const faults = document.faults.map(({position, message}) => ({where: `${name}:${position.line}:${position.column}`, key: '', message}))
  throw new AppError('policy.unreadable', faultLines(faults, "the platform's policy"))
}
