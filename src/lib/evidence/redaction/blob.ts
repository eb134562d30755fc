/**
 * A blob through the detectors, before it is hashed. Pure.
 *
 * Rules: text is rewritten; JSON string by string, so that all other bytes stay
 * as they are. Bytes that must not change (`exact`) or cannot (no UTF-8) are
 * refused where something is found. What is base64 of more JSON (a signed
 * envelope) is looked into as well; so are gzip, zstd and zip, and what is packed in another way is refused. Author e-mails and
 * telephone numbers of public packages stay in an SBOM, who wrote a change in its
 * provenance, who may act in a policy, and who acted in a comparison with an audit log.
 */
import {AppError} from '../../errors.ts'
import {ACTORS, DIFFERENCES_TYPE} from '../differences.ts'
import {POLICY_TYPE} from '../policy-type.ts'
import {isJsonText, redactJsonText} from './json-text.ts'
import {withoutPrincipals} from './principals.ts'
import type {Rule} from './rule.ts'
import {RULES, rulesOfKinds} from './rules.ts'
import {redactText} from './text.ts'
import type {RedactionKey} from './token.ts'
import {unpack} from './unpack.ts'

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

/** Most bytes that a packed blob may unfold to. */
const MAX_UNFOLDED = 512 * 1024 * 1024
const MAX_DEPTH = 3
const SBOM_RULES = rulesOfKinds(['credential', 'identifier', 'place'])
const SBOM_TYPE = /spdx|cyclonedx/i
/** People act in it under names that reach them. */
const POLICY_RULES = rulesOfKinds(['credential', 'identifier'])
const SBOM_PREDICATE = /"predicateType"\s*:\s*"https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom)/

/** @throws AppError `redaction.blob` naming blob and rule, never the value */
export function redactBlob({name, mediaType, bytes, exact = false}: BlobToRedact, key: RedactionKey | undefined): RedactedBlob {
  const rules = rulesFor(mediaType)
  const text = decode(bytes)
  if (text === undefined) {
    for (const inner of unfold(name, bytes)) refuse(name, hitsIn(inner, rules))
    return {bytes, count: 0}
  }
  if (exact) {
    refuse(name, hitsIn(text, rules))
    return {bytes, count: 0}
  }
  const clean = isJsonText(text) ? redactJsonText(text, rules, key, innerHits(rules), rulesAt(mediaType)) : redactText(text, rules, key)
  return clean.hits.length === 0 ? {bytes, count: 0} : {bytes: Buffer.from(clean.text), count: clean.hits.length}
}

function rulesFor(mediaType: string): readonly Rule[] {
  if (mediaType === POLICY_TYPE) return POLICY_RULES
  return SBOM_TYPE.test(mediaType) ? SBOM_RULES : RULES
}

/** Who did what is what a comparison with an audit log is about. */
function rulesAt(mediaType: string): (label: string) => readonly Rule[] | undefined {
  return (label) => (mediaType === DIFFERENCES_TYPE && ACTORS.has(label) ? POLICY_RULES : undefined)
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
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
    // An archive of text is no text: written anew it would not open.
    return text.includes('\0') ? undefined : text
  } catch {
    // Not UTF-8: it is looked at byte by byte, and never rewritten.
    return undefined
  }
}

/** What can be looked at in bytes that are no text: what is packed in them, else letters. */
function unfold(name: string, bytes: Uint8Array, depth = 0): string[] {
  const packed = unpack(name, bytes, MAX_UNFOLDED)
  if (packed === undefined) return [lettersOf(bytes)]
  if (depth === MAX_DEPTH) throw new AppError('redaction.blob', `${name} is packed ${MAX_DEPTH + 1} times over, and is not looked into any further`)
  return packed.flatMap((inner) => decode(inner) ?? unfold(name, inner, depth + 1))
}

/** As UTF-8 as far as it is; each byte as a letter, without the zeros between; and as UTF-16 where it says so. */
function lettersOf(bytes: Uint8Array): string {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined
  const readings = [new TextDecoder().decode(bytes), Buffer.from(bytes).toString('latin1').replaceAll('\0', '')]
  return [...readings, ...(wide === undefined ? [] : [new TextDecoder(wide).decode(bytes)])].join('\n')
}

function refuse(name: string, [rule]: readonly string[]): void {
  if (rule !== undefined) throw new AppError('redaction.blob', `${name} holds what looks like a secret or PHI (rule ${rule}) and must not be changed`)
}
