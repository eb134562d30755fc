/** What one record says of the times in which a cluster refuses, and the window that several make. Pure. */
import type {AnswerRow} from '../question.ts'

export interface Word {
  readonly record: string
  /** ISO, as the source gives it, and in milliseconds: the clocks of sources differ. */
  readonly time: string
  readonly at: number
  readonly system: string
  readonly cluster: string
  /** A canary's answer, `started`, `broken-glass`, or the reason of a difference. */
  readonly says: string
  /** `canary`, `provider`, `break-glass`, `audit-log`, `cluster`, `listing`. */
  readonly source: string
  readonly reason: string | null
  readonly what: string
  readonly by: string | null
  readonly arn: string | null
  readonly verb: string
  /** `in the name of jo`, an answer of the API server. */
  readonly words: string | null
  readonly isOpen: boolean
  readonly uid: string | null
  /** Where it gives its own end. */
  readonly until: string | null
}

export type GapName = 'admitted' | 'removed' | 'changed' | 'ignore-label' | 'failed-open' | 'broken-glass' | 'unknown' | 'unverified' | 'silent' | 'never'

/** What was done, by whom, as a source other than the canary tells it. */
export interface Deed {
  readonly at: number
  readonly what: string
  readonly by: string | null
  readonly arn: string | null
}

export interface Window {
  readonly gap: GapName
  readonly begins: string
  readonly ends: string | null
  /** What ended it; empty where nothing did. */
  readonly endedBy: string
  readonly sources: readonly string[]
  readonly deeds: readonly Deed[]
  /** What its row says beside. */
  readonly first: Pick<Word, 'cluster' | 'system' | 'reason' | 'record'>
}

/** Milliseconds by which the clocks of an API server and of a canary may differ. */
export const SKEW = 5 * 60_000

export function wordOf(row: AnswerRow): Word {
  const text = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]))
  const time = text('begins') ?? ''
  return {
    record: text('record') ?? '',
    time,
    at: Date.parse(time),
    system: text('system') ?? '',
    cluster: text('cluster') ?? '',
    says: text('gap') ?? '',
    source: text('seen_by') ?? '',
    reason: text('reason'),
    what: text('what') ?? '',
    by: text('by'),
    arn: text('aws_identity'),
    verb: text('verb') ?? '',
    words: text('says'),
    isOpen: row['is_open'] === true,
    uid: text('object_uid'),
    until: text('ends'),
  }
}

export function deedOf({at, what, by, arn, verb, words}: Word): Deed {
  const actsAs = /^in the name of [^;]*/.exec(words ?? '')?.[0]
  return {at, what: verb === '' ? what : `${verb} ${what}`, by: by === null || actsAs === undefined ? by : `${by} ${actsAs}`, arn}
}

/** The same words in the same order, however they came. */
export function byTime(a: Word, b: Word): number {
  return a.at - b.at || (a.record < b.record ? -1 : a.record > b.record ? 1 : 0) || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)
}
