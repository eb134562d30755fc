/**
 * What stands in a record where a secret or PHI was: `[redacted:<rule>:<key id>:<16 hex>]`.
 *
 * The hex is HMAC-SHA256 over `rule‖0‖normalised value`, so that equal values
 * can be told to be equal by whoever holds the key, and by nobody else. Without
 * a key it is `[redacted:<rule>]`. Never a plain hash: these values are few
 * enough to try them all.
 */
import {createHmac} from 'node:crypto'
import {AppError} from '../../errors.ts'

export interface RedactionKey {
  /** 8 hex characters: which key it was, after a rotation. */
  readonly id: string
  readonly bytes: Uint8Array
}

export const TOKEN = /\[redacted:[a-z-]{1,32}(?::[0-9a-f]{8}:[0-9a-f]{16})?\]/g

/** A shorter one could be guessed from a token and a known value. */
const MIN_KEY_BYTES = 16

/** @throws AppError `key.unreadable` where `bytes` are too few to be a secret */
export function redactionKey(bytes: Uint8Array): RedactionKey {
  if (bytes.length < MIN_KEY_BYTES)
    throw new AppError('key.unreadable', `the redaction key has ${bytes.length} bytes, and needs at least ${MIN_KEY_BYTES}`, {fix: 'openssl rand -hex 32'})
  return {id: mac(bytes, 'hipaa-ci redaction key').slice(0, 8), bytes}
}

export function redactionToken(rule: string, value: string, key: RedactionKey | undefined): string {
  return key === undefined ? `[redacted:${rule}]` : `[redacted:${rule}:${key.id}:${mac(key.bytes, `${rule}\0${value}`).slice(0, 16)}]`
}

function mac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
