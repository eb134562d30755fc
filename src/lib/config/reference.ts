/** Secrets by reference: `env:NAME` or `file:PATH`, never in the configuration itself. */
import {resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {readPlainFile} from './plain-file.ts'

const MAX_BYTES = 64 * 1024
const LINE_FEED = 0x0a
const RETURN = 0x0d

export interface ReferenceRequest {
  /** What names it, for messages: `redaction.key`. */
  readonly key: string
  /** Folder that a relative path starts from. */
  readonly root: string
  readonly variable: (name: string) => string | undefined
}

/**
 * The secret's bytes; of a file without its last line end. Never empty.
 * @throws AppError `usage.empty`, `key.unreadable`
 */
export async function resolveReference(reference: string, {key, root, variable}: ReferenceRequest): Promise<Uint8Array> {
  const [, scheme, name] = /^(env|file):(.+)$/s.exec(reference) ?? []
  if (name === undefined) throw new AppError('config.invalid', `${key} must be env:NAME or file:PATH`)
  if (scheme === 'env') {
    const value = variable(name)
    if (value === undefined || value === '')
      throw new AppError('usage.empty', `${key} names the variable ${name}, which is ${value === undefined ? 'not set' : 'empty'}`, {
        fix: `Set ${name}, or take ${key} out.`,
      })
    return new TextEncoder().encode(value)
  }
  const path = resolve(root, name)
  const file = await readPlainFile(path, MAX_BYTES)
  if (file.kind === 'unreadable') throw new AppError('key.unreadable', `${key} names ${path}, which ${file.why}`, {cause: file.cause})
  if (file.kind === 'absent') throw new AppError('key.unreadable', `${key} names ${path}, which is not there`)
  const secret = withoutLineEnd(file.bytes)
  if (secret.length === 0) throw new AppError('usage.empty', `${key} names ${path}, which is empty`)
  return secret
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== LINE_FEED) return bytes
  return bytes.slice(0, bytes.at(-2) === RETURN ? -2 : -1)
}
