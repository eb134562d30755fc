/**
 * One string through the detectors: as it is written, as it is read (`fold.ts`),
 * and what of it is base64 of more text. Pure.
 */
import {base64Hits} from './base64.ts'
import {fold} from './fold.ts'
import type {Hit, Rule} from './rule.ts'
import {redactionToken, TOKEN, type RedactionKey} from './token.ts'

export interface RedactedText {
  readonly text: string
  /** Ids of the rules that hit, once for each place. */
  readonly hits: readonly string[]
}

/**
 * Replaces what `rules` find.
 * @param label the name of the field that holds the text, where that is somebody's own
 */
export function redactText(text: string, rules: readonly Rule[], key?: RedactionKey, label?: string): RedactedText {
  const tokens = Array.from(text.matchAll(TOKEN), ({index, 0: token}) => ({start: index, end: index + token.length}))
  const found = [...rawHits(text, rules, label), ...foldedHits(text, rules, label)]
  // A token of an earlier pass is not found again.
  const hits = merge(found.filter((hit) => !tokens.some(({start, end}) => hit.start >= start && hit.end <= end)))
  if (hits.length === 0) return {text, hits: []}
  let result = ''
  let from = 0
  for (const {rule, start, end, value} of hits) {
    result += text.slice(from, start) + redactionToken(rule.id, rule.normal?.(value) ?? value, key)
    from = end
  }
  return {text: result + text.slice(from), hits: hits.map(({rule}) => rule.id)}
}

function rawHits(text: string, rules: readonly Rule[], label: string | undefined): Hit[] {
  return [...rules.flatMap((rule) => [...hitsOf(rule, text), ...labelHits(rule, text, label)]), ...base64Hits(text, (inner) => firstRule(inner, rules))]
}

/** Found in the text as it is read, placed in the text as it is written. */
function foldedHits(text: string, rules: readonly Rule[], label: string | undefined): Hit[] {
  const folded = fold(text)
  if (folded === undefined) return []
  const at = (place: number) => folded.from[place] ?? text.length
  return rawHits(folded.text, rules, label).map((hit) => ({...hit, start: at(hit.start), end: at(hit.end)}))
}

function firstRule(text: string, rules: readonly Rule[]): Rule | undefined {
  return [...rawHits(text, rules, undefined), ...foldedHits(text, rules, undefined)][0]?.rule
}

/** Whether the pattern of `rule` can match anywhere in `text`, at the price of looking for a word. */
export function mayMatch({needs}: Rule, text: string): boolean {
  return needs === undefined || needs.some((word) => text.includes(word))
}

function hitsOf(rule: Rule, text: string): Hit[] {
  if (!mayMatch(rule, text)) return []
  const hits: Hit[] = []
  for (const match of text.matchAll(rule.pattern)) {
    const groups = match.indices?.groups
    const [start, end] = groups?.['value'] ?? groups?.['single'] ?? groups?.['bare'] ?? match.indices?.[0] ?? [match.index, match.index + match[0].length]
    const value = text.slice(start, end)
    if (rule.valid?.(value) !== false) hits.push({rule, start, end, value})
  }
  return hits
}

/** Whether a field called `label` gives its value a context: `patient_mrn`, `patientMrn`. */
export function tells(rule: Rule, label: string): boolean {
  return rule.label?.name.test(label.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')) === true
}

function labelHits(rule: Rule, text: string, label: string | undefined): Hit[] {
  if (label === undefined || !tells(rule, label)) return []
  const value = text.trim()
  if (rule.label?.whole.test(value) !== true || rule.valid?.(value) === false) return []
  return [{rule, start: 0, end: text.length, value}]
}

/** Sorted, and of those that overlap the first, stretched over the others: nothing of either stays. */
function merge(hits: readonly Hit[]): Hit[] {
  const merged: Hit[] = []
  // A stable sort: at the same place the earlier rule stays first.
  for (const hit of hits.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last === undefined || hit.start >= last.end) merged.push(hit)
    else if (hit.end > last.end) merged[merged.length - 1] = {...last, end: hit.end}
  }
  return merged
}
