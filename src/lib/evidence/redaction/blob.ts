/**
 * A blob through the detectors, before it is hashed. Pure.
 *
 * Rules: text is rewritten; JSON string by string, so that all other bytes stay
 * as they are. Bytes that must not change (`exact`) or cannot (no UTF-8) are
 * refused where something is found. What is base64 of more JSON (a signed
 * envelope) is looked into as well; so is gzip. Author e-mails and
 * telephone numbers of public packages stay in an SBOM, and who wrote a change
 * in its provenance.
 */
import {gunzipSync} from 'node:zlib'
import {AppError} from '../../errors.ts'
import {isJsonText, redactJsonText} from './json-text.ts'
import {withoutPrincipals} from './principals.ts'
import type {Rule} from './rule.ts'
import {RULES, rulesOfKinds} from './rules.ts'
import {redactText} from './text.ts'
import type {RedactionKey} from './token.ts'

export interface BlobToRedact {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly exact?: boolean
}

export interface RedactedBlob {
  readonly bytes: Uint8Array
  readonly count: number
}

/** Most bytes that a gzipped blob may unfold to. */
const MAX_UNFOLDED = 512 * 1024 * 1024
const SBOM_RULES = rulesOfKinds(['credential', 'identifier', 'place'])
const SBOM_TYPE = /spdx|cyclonedx/i
const SBOM_PREDICATE = /"predicateType"\s*:\s*"https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom)/

/** @throws AppError `redaction.blob` naming blob and rule, never the value */
export function redactBlob({name, mediaType, bytes, exact = false}: BlobToRedact, key: RedactionKey | undefined): RedactedBlob {
  const rules = SBOM_TYPE.test(mediaType) ? SBOM_RULES : RULES
  const text = decode(bytes)
  if (text === undefined) {
    refuse(name, hitsIn(unfold(name, bytes), rules))
    return {bytes, count: 0}
  }
  if (exact) {
    refuse(name, hitsIn(text, rules))
    return {bytes, count: 0}
  }
  const clean = isJsonText(text) ? redactJsonText(text, rules, key, innerHits(rules)) : redactText(text, rules, key)
  return clean.hits.length === 0 ? {bytes, count: 0} : {bytes: Buffer.from(clean.text), count: clean.hits.length}
}

function hitsIn(text: string, rules: readonly Rule[]): readonly string[] {
  return isJsonText(text) ? redactJsonText(withoutPrincipals(text), rules, undefined, innerHits(rules)).hits : redactText(text, rules).hits
}

/** Of JSON that is wrapped in base64: a statement about an SBOM is an SBOM. */
function innerHits(rules: readonly Rule[]): (text: string) => readonly string[] {
  return (text) => hitsIn(text, SBOM_PREDICATE.test(text) ? SBOM_RULES : rules)
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    // Not UTF-8: it is looked at byte by byte, and never rewritten.
    return undefined
  }
}

/** What can be looked at in bytes that are no text: the content of gzip, else each byte as a letter (without the zeros of UTF-16). */
function unfold(name: string, bytes: Uint8Array): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes).toString('latin1').replaceAll('\0', '')
  try {
    const inner = gunzipSync(bytes, {maxOutputLength: MAX_UNFOLDED})
    return decode(inner) ?? inner.toString('latin1').replaceAll('\0', '')
  } catch (cause) {
    throw new AppError('redaction.blob', `${name} is gzip that cannot be looked into`, {cause})
  }
}

function refuse(name: string, [rule]: readonly string[]): void {
  if (rule !== undefined) throw new AppError('redaction.blob', `${name} holds what looks like a secret or PHI (rule ${rule}) and must not be changed`)
}
