/** All that the records say of the times in which a cluster is not known to refuse, one row a window. Pure. */
import type {Period} from '../period.ts'
import type {AnswerRow, Finished} from '../question.ts'
import {canaryWindows} from './canary-windows.ts'
import {changeWindows} from './change-windows.ts'
import {joinWindows} from './join-windows.ts'
import {failedOpenWindows, unverifiedWindows} from './pod-windows.ts'
import {byTime, deedOf, wordOf, type Window, type Word} from './word.ts'

/** Deeds that a row names; the records have all. */
const NAMED = 5

/** @param rows of the SQL, in any order */
export function enforcementWindows(rows: readonly AnswerRow[], period: Period): Finished {
  const words = rows.map(wordOf)
  const clusters = Map.groupBy(words.toSorted(byTime), ({system, cluster}) => JSON.stringify([system, cluster]))
  const found = [...clusters.values()].flatMap((own) => windowsOf(own, period.to))
  const within = found.filter(({begins, ends}) => ends === null || ends > period.from || begins >= period.from)
  return {
    rows: within.toSorted(inOrder).map(rowOf),
    gaps: words.some(({source}) => source === 'canary' || source === 'provider')
      ? []
      : [{code: 'record.not-found', what: 'no cluster has reported to this store'}],
    notes: [],
  }
}

function windowsOf(words: readonly Word[], to: string): Window[] {
  const others = [...changeWindows(words), ...failedOpenWindows(words), ...glassWindows(words)]
  return [...joinWindows(canaryWindows(words, to), others), ...unverifiedWindows(words)]
}

/** The provider was taken out of the way, and that was said. */
function glassWindows(words: readonly Word[]): Window[] {
  return words
    .filter(({says}) => says === 'broken-glass')
    .map((word) => {
      const {time, until, cluster, system, reason, record, source} = word
      return {
        gap: 'broken-glass',
        begins: time,
        ends: until,
        endedBy: 'as it was said',
        sources: [source],
        deeds: [deedOf(word)],
        first: {cluster, system, reason, record},
      }
    })
}

function rowOf({gap, begins, ends, endedBy, sources, deeds, first}: Window): AnswerRow {
  return {
    cluster: first.cluster,
    gap,
    begins,
    ends,
    what: listOf(deeds.map(({what}) => what)),
    by: listOf(deeds.flatMap(({by}) => by ?? [])),
    seen_by: sources.join(', '),
    ended_by: endedBy === '' ? null : endedBy,
    done_at: listOf(deeds.map(({at}) => new Date(at).toISOString())),
    aws_identity: listOf(deeds.flatMap(({arn}) => arn ?? [])),
    reason: first.reason,
    system: first.system,
    record: first.record,
  }
}

function listOf(items: readonly string[]): string | null {
  const distinct = [...new Set(items)]
  if (distinct.length === 0) return null
  const more = distinct.length - NAMED
  return [...distinct.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function inOrder(a: Window, b: Window): number {
  return keyOf(a) < keyOf(b) ? -1 : 1
}

function keyOf({first, begins, gap, deeds}: Window): string {
  return JSON.stringify([first.cluster, first.system, begins, gap, deeds, first.record])
}
