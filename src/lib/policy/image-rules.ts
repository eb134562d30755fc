/**
 * Images that others built: admitted by a rule that lists their digest, or names
 * who has to have signed them, until a day. A rule that does both wants both.
 * Nothing matches = nothing is admitted. Pure.
 */
import type {ImageRule} from '../config/schema.ts'
import type {ReasonCode} from '../errors.ts'
import {matchesGlob} from './glob.ts'
import {compareSpecificity} from './pattern-order.ts'

export interface PinnedImage {
  /** `host[:port]/path` */
  readonly repository: string
  /** `sha256:…` */
  readonly digest: string
}

export type RuleJudgement =
  | {readonly verdict: 'verified'; readonly message: string}
  | {readonly verdict: 'failed'; readonly reason: ReasonCode; readonly message: string}
  /** One of these rules admits it, where a signer that the rule names has signed it. */
  | {readonly verdict: 'if-signed'; readonly rules: readonly ImageRule[]}

/**
 * Judged by the most specific rules that match (`pattern-order.ts`): of several with one
 * pattern each is an approval of its own, and one that holds is enough.
 * @returns undefined where no rule matches
 */
export function judgeByRules(image: PinnedImage, rules: readonly ImageRule[], now: Date): RuleJudgement | undefined {
  const deciding = decidingRules(image.repository, rules)
  const [first] = deciding
  if (first === undefined) return undefined
  const covering = deciding.filter(({digests}) => digests === undefined || digests.includes(image.digest))
  const today = now.toISOString().slice(0, 10)
  const holding = covering.filter(({until}) => today <= until)
  const unsigned = holding.find((rule) => !wantsSigner(rule))
  if (unsigned !== undefined) return {verdict: 'verified', message: approvalText(unsigned)}
  if (holding.length > 0) return {verdict: 'if-signed', rules: holding}
  const [ended] = covering.toSorted((a, b) => (a.until < b.until ? 1 : -1))
  if (ended !== undefined) return {verdict: 'failed', reason: 'policy.expired', message: `the images rule ${ended.match} ended on ${ended.until}`}
  return {verdict: 'failed', reason: 'policy.unknown-image', message: `the images rule ${first.match} does not list ${image.digest}`}
}

/** Who took the image on, and until when. */
export function approvalText(rule: ImageRule): string {
  return `approved by ${rule['approved-by']} until ${rule.until} (images rule ${rule.match})`
}

/** The most specific rules that match; none where none does. */
export function decidingRules(repository: string, rules: readonly ImageRule[]): readonly ImageRule[] {
  const matching = rules.filter(({match}) => matchesRepository(match, repository))
  return matching.filter(({match}) => !matching.some((other) => compareSpecificity(other.match, match) > 0))
}

function wantsSigner({keys, identities}: ImageRule): boolean {
  return (keys ?? identities) !== undefined
}

/**
 * Host and path are matched apart. In the host `*` stands for anything within
 * one label, so that `*.example` never reaches into a name that somebody else
 * registered, and the port has to be written out; in the path it stops at a slash.
 */
export function matchesRepository(pattern: string, repository: string): boolean {
  const [host, path] = cut(repository)
  const [hostPattern, pathPattern] = cut(pattern)
  if (path === undefined || pathPattern === undefined) return false
  const labels = hostPattern.split('.')
  const actual = host.split('.')
  return labels.length === actual.length && labels.every((label, at) => matchesLabel(label, actual[at] ?? '')) && matchesGlob(pathPattern, path)
}

function matchesLabel(pattern: string, label: string): boolean {
  const [name, port] = cutPort(label)
  const [namePattern, portPattern] = cutPort(pattern)
  return port === portPattern && matchesGlob(namePattern, name)
}

function cutPort(label: string): [name: string, port: string | undefined] {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/s.exec(label) ?? []
  return [name, port]
}

function cut(text: string): [host: string, path: string | undefined] {
  const slash = text.indexOf('/')
  return slash === -1 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)]
}
