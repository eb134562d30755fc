/** Pods that came past the webhook, and what runs unverified, into windows. Pure. */
import {once} from './change-windows.ts'
import {PROVES} from './canary-windows.ts'
import {byTime, deedOf, SKEW, type Window, type Word} from './word.ts'

/** Differences of a reconciliation that say that something runs which nobody let in. */
const UNVERIFIED: ReadonlySet<string> = new Set(['unverified-workload', 'image-not-admitted', 'other-digest', 'uid-of-another'])

/** From the first pod that came past it to the last, while no canary was refused between them and they follow one another. @param words of one cluster */
export function failedOpenWindows(words: readonly Word[]): Window[] {
  const ordered = once(words).toSorted(byTime)
  const windows: Window[] = []
  for (const word of ordered.filter(({says, isOpen}) => says === 'failed-open' && isOpen)) {
    const last = windows.at(-1)
    const before = last?.deeds.at(-1)?.at
    const isNext = before !== undefined && word.at - before <= PROVES && !ordered.some((one) => isRefusal(one) && one.at > before && one.at < word.at)
    if (last === undefined || !isNext) windows.push({...windowOf(word, 'failed-open'), ends: word.time, endedBy: 'last pod that came past it'})
    else windows[windows.length - 1] = {...last, ends: word.time, deeds: [...last.deeds, deedOf(word)]}
  }
  return windows
}

/** One a pod, however often it was found; a pod that came past the webhook is told there. @param words of one cluster */
export function unverifiedWindows(words: readonly Word[]): Window[] {
  const ordered = once(words).toSorted(byTime)
  const past = ordered.filter(({says, isOpen}) => says === 'failed-open' && isOpen)
  const pods: {readonly word: Word; sources: string[]; reasons: string[]}[] = []
  for (const word of ordered) {
    if (!UNVERIFIED.has(word.says) || !word.isOpen || past.some((one) => one.what === word.what && one.at === word.at)) continue
    const known = pods.find(({word: one}) => isSamePod(one, word))
    if (known === undefined) pods.push({word, sources: [word.source], reasons: [word.says]})
    else {
      known.sources = [...new Set([...known.sources, word.source])].toSorted()
      known.reasons = [...new Set([...known.reasons, word.says])].toSorted()
    }
  }
  return pods.map(({word, sources, reasons}) => ({...windowOf({...word, reason: reasons.join(', ')}, 'unverified'), sources}))
}

function windowOf(word: Word, gap: Window['gap']): Window {
  const {time, cluster, system, reason, record, source} = word
  return {gap, begins: time, ends: null, endedBy: '', sources: [source], deeds: [deedOf(word)], first: {cluster, system, reason, record}}
}

/** By its uid where both know it; else by its name, and about when it came. */
function isSamePod(a: Word, b: Word): boolean {
  if (a.uid !== null && b.uid !== null) return a.uid === b.uid
  return a.what === b.what && Math.abs(a.at - b.at) <= SKEW
}

function isRefusal({source, says}: Word): boolean {
  return source === 'canary' && says === 'refused'
}
