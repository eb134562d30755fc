/**
 * One short string through the detectors, as `redactText`, but those in which nothing was found a short while ago are not
 * looked at again: a server writes the same cluster, namespace, user and image into one record after another.
 *
 * Remembered is the text itself, under its rules and its label, and only what is clean: what is found is found each time.
 */
import {recently, type Recently} from './recently.ts'
import type {Rule} from './rule.ts'
import {redactText, type RedactedText} from './text.ts'
import type {RedactionKey} from './token.ts'

/** Letters. Longer ones are rarely the same. */
const MAX_TEXT = 512
const HALF = 1_000

const clean = new WeakMap<readonly Rule[], Recently>()

/** @param rules a list that stays: what was clean by one is not taken for clean by another */
export function redactKnownText(text: string, rules: readonly Rule[], key?: RedactionKey, label?: string): RedactedText {
  if (text.length > MAX_TEXT || (label?.length ?? 0) > MAX_TEXT) return redactText(text, rules, key, label)
  let known = clean.get(rules)
  if (known === undefined) clean.set(rules, (known = recently(HALF)))
  // A label ends where its length says, so that no text passes for another text with a label.
  const name = label === undefined ? `-${text}` : `${label.length}-${label}${text}`
  if (known.has(name)) return {text, hits: []}
  const redacted = redactText(text, rules, key, label)
  if (redacted.hits.length === 0) known.add(name)
  return redacted
}
