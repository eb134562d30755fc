/**
 * The platform's policy as bytes, held against its digest, or against the key
 * that must have signed it (a Sigstore bundle beside it, as `cosign sign-blob
 * --bundle FILE.sigstore.json` writes it). A file that a person names by hand
 * without a digest is trusted as given; an address never is.
 */
import {dirname, resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {splitPin} from '../../evidence/pinned-file.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {Statement, subjectFor} from '../../evidence/statement.ts'
import {isWebAddress, shownAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'
import type {NamedPolicy} from '../../ports/documents.ts'
import type {SignedContent} from '../../ports/signatures.ts'
import {pinnedKey} from './pinned-key.ts'

export type FloorParts = Pick<Context, 'files' | 'fetchDocument' | 'verifySignature'>

const BUNDLE_ENDING = '.sigstore.json'

/** @param text of --policy: `FILE`, `FILE@sha256:…` or `URL@sha256:…`. @throws AppError `usage.flag` */
export function policyByFlag(text: string, cwd: string): NamedPolicy {
  const {file, sha256} = splitPin(text)
  if (!isWebAddress(file)) return {asked: '--policy', file: resolve(cwd, file), ...(sha256 !== undefined && {sha256})}
  if (sha256 === undefined)
    throw new AppError('usage.flag', `--policy ${file} names no digest, and an address may answer anything`, {fix: `Write ${file}@sha256:<64 hex>.`})
  return {asked: '--policy', file, sha256}
}

/** @throws AppError `policy.unreadable`, `policy.unreachable`, `policy.invalid`, `key.unreadable` */
export async function loadFloor(named: NamedPolicy, parts: FloorParts): Promise<Uint8Array> {
  const {asked, file, sha256, key} = named
  const bytes = await read(file, parts)
  const actual = sha256Hex(bytes)
  if (sha256 !== undefined && actual !== sha256) throw unreadable(`the policy ${shownAddress(file)} is sha256:${actual}, and ${asked} pins sha256:${sha256}`)
  if (key !== undefined) await checkSigned(bytes, named, key, parts)
  return bytes
}

async function checkSigned(bytes: Uint8Array, {asked, file}: NamedPolicy, pin: NonNullable<NamedPolicy['key']>, parts: FloorParts): Promise<void> {
  const key = await pinnedKey(asked, pin, {files: parts.files, config: {root: dirname(pin.file)}})
  const beside = besideOf(file)
  const check = (await parts.verifySignature())({form: 'bundle', bytes: await read(beside, parts)}, {keys: [key]}, bytes)
  if (check.state === 'failed') throw unreadable(`the policy ${shownAddress(file)} is not signed by the key that ${asked} pins: ${check.message}`)
  if (!isAbout(check.content, `sha256:${sha256Hex(bytes)}`))
    throw unreadable(`what is signed in ${shownAddress(beside)} is not the policy ${shownAddress(file)}`)
}

/** A signature of the file itself, or a statement about it. */
function isAbout(content: SignedContent, digest: string): boolean {
  if (content.kind === 'message') return content.digest === digest
  const statement = content.kind === 'statement' ? Statement.safeParse(content.statement).data : undefined
  return statement !== undefined && subjectFor(statement, digest) !== undefined
}

async function read(file: string, {files, fetchDocument}: FloorParts): Promise<Uint8Array> {
  if (isWebAddress(file)) {
    const fetched = await fetchDocument(file)
    if (fetched.kind === 'read') return fetched.bytes
    throw new AppError('policy.unreachable', `${shownAddress(file)} ${fetched.why}`)
  }
  try {
    return await files.read(file)
  } catch (cause) {
    throw new AppError('policy.unreadable', `the policy ${file} cannot be read`, {cause})
  }
}

function besideOf(file: string): string {
  if (!isWebAddress(file)) return `${file}${BUNDLE_ENDING}`
  const url = new URL(file)
  url.pathname += BUNDLE_ENDING
  return url.href
}

function unreadable(message: string): AppError {
  return new AppError('policy.unreadable', message)
}
