/**
 * A private key in a file that signs checkpoints: PKCS#8 in PEM, Ed25519 or ECDSA P-256. Where it is encrypted, its
 * password is the variable HIPAA_CI_SEALING_PASSWORD.
 */
import {createPrivateKey, createPublicKey, sign, type KeyObject} from 'node:crypto'
import {constants} from 'node:fs'
import {open} from 'node:fs/promises'
import {AppError} from '../errors.ts'
import {noteAlgorithm} from '../ledger/note.ts'
import type {CheckpointKey} from '../ports/keys.ts'

export const SEALING_PASSWORD = 'HIPAA_CI_SEALING_PASSWORD'

export interface KeyFileSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly note: (text: string) => void
}

const MAX_BYTES = 64 * 1024
const MAKE_ONE = 'Make one: hipaa-ci keys generate checkpoint --for sealing'

/** @param path absolute. @throws AppError `key.missing`, `key.unreadable`, `key.unsupported` */
export async function openKeyFile(path: string, {env, note}: KeyFileSettings): Promise<CheckpointKey> {
  const {pem, mode} = await readKeyFile(path)
  const key = privateKey(path, pem, env[SEALING_PASSWORD])
  const spki = createPublicKey(key).export({format: 'der', type: 'spki'})
  const algorithm = noteAlgorithm(spki)
  if ((mode & 0o077) !== 0)
    note(`${path} can be read by others (mode ${mode.toString(8).padStart(4, '0')}), and whoever can read it can seal: chmod 600 ${path}`)
  return {spki, sign: async (text) => sign(algorithm === 'ed25519' ? null : 'sha256', text, key)}
}

async function readKeyFile(path: string): Promise<{readonly pem: string; readonly mode: number}> {
  try {
    // A pipe that nobody writes to must not be waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const entry = await file.stat()
    if (!entry.isFile() || entry.size > MAX_BYTES) throw new AppError('key.unreadable', `${path} is no key file`, {fix: MAKE_ONE})
    return {pem: await file.readFile('utf8'), mode: entry.mode & 0o777}
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('key.missing', `there is no key file ${path}`, {cause, fix: MAKE_ONE})
    throw new AppError('key.unreadable', `cannot read the key file ${path} (${code})`, {cause, fix: 'Check its mode, and whose it is.'})
  }
}

function privateKey(path: string, pem: string, password: string | undefined): KeyObject {
  if (pem.includes('-----BEGIN PUBLIC KEY-----') || !pem.includes('PRIVATE KEY-----'))
    throw new AppError('key.unreadable', `${path} is not a private key in PEM, and sealing takes one`, {fix: MAKE_ONE})
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)
  if (isEncrypted && (password === undefined || password === ''))
    throw new AppError('key.unreadable', `${path} is encrypted, and ${SEALING_PASSWORD} is ${password === undefined ? 'not set' : 'empty'}`, {
      fix: `Set ${SEALING_PASSWORD} to its password.`,
    })
  try {
    return createPrivateKey({key: pem, ...(isEncrypted && {passphrase: password ?? ''})})
  } catch (cause) {
    const why = isEncrypted ? `${SEALING_PASSWORD} does not open it, or it is not PKCS#8` : 'it is not PKCS#8 in PEM'
    throw new AppError('key.unreadable', `cannot open ${path}: ${why}`, {cause, fix: isEncrypted ? `Check ${SEALING_PASSWORD}.` : MAKE_ONE})
  }
}
