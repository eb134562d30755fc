/**
 * What an audit log says that somebody did to what keeps a cluster closed, into windows. Pure.
 *
 * Rules: each object has a time of its own, so that what one puts back closes nothing of another. What was removed is back
 * when it was made anew after that; where that is not told, when a canary was refused clearly later (clocks differ). What was only changed is
 * never known to be as it was: its window stays open. A label is gone when it was taken off. What puts back before it was
 * removed, by a clock that is wrong, closes nothing.
 */
import {byTime, deedOf, SKEW, type GapName, type Window, type Word} from './word.ts'

/** What a canary does not feel: the policies that guard labels and objects. */
const GUARD = /^validatingadmissionpolic/
const GATEKEEPER = /^system:serviceaccount:gatekeeper-system:/
const SUBRESOURCE = / by [a-z]+$/

/** @param words of one cluster: differences of reconciliations, and canaries; in any order */
export function changeWindows(words: readonly Word[]): Window[] {
  const ordered = once(words).toSorted(inOrder)
  const refused = ordered.filter(({source, says}) => source === 'canary' && says === 'refused')
  const changes = Map.groupBy(
    ordered.filter(({says}) => says === 'enforcement-changed' || says.startsWith('ignore-label')),
    ({what}) => what.replace(SUBRESOURCE, ''),
  )
  return [...changes.values()].flatMap((own) => ofOne(own, refused))
}

/** Of one object, by time. */
function ofOne(changes: readonly Word[], refused: readonly Word[]): Window[] {
  const windows: Window[] = []
  let open: Window | undefined
  const close = (ends: string | null, endedBy: string) => {
    if (open !== undefined) windows.push({...open, ends, endedBy})
    open = undefined
  }
  changes.forEach((change, index) => {
    const isFelt = !GUARD.test(change.what)
    if (!change.isOpen) {
      if (open !== undefined && putsBack(change, open)) close(change.time, change.says === 'ignore-label-gone' ? 'taken off' : 'put back')
      return
    }
    // What was changed before a canary was refused, and after it, is not one window.
    if (open?.gap === 'changed' && isFelt && refusedBetween(open, change.at, refused) !== undefined) close(null, '')
    open = grown(open, change)
    const next = changes[index + 1]
    if (open.gap !== 'removed' || !isFelt || (next !== undefined && !next.isOpen && putsBack(next, open))) return
    const felt = refusedBetween(open, next?.at ?? Number.POSITIVE_INFINITY, refused)
    if (felt !== undefined) close(felt.time, 'canary refused')
  })
  close(null, '')
  return windows
}

/** Clearly after the last thing that was done. */
function refusedBetween({deeds}: Window, to: number, refused: readonly Word[]): Word | undefined {
  const last = deeds.at(-1)?.at ?? 0
  return refused.find(({at}) => at > last + SKEW && at < to)
}

function grown(open: Window | undefined, change: Word): Window {
  const gap: GapName = change.says === 'ignore-label' ? 'ignore-label' : change.verb.startsWith('delete') ? 'removed' : 'changed'
  const {time, cluster, system, reason, record, source} = change
  if (open === undefined)
    return {gap, begins: time, ends: null, endedBy: '', sources: [source], deeds: [deedOf(change)], first: {cluster, system, reason, record}}
  // After it was removed, a change of it shows that it is there again, and not what it is.
  return {...open, gap, deeds: [...open.deeds, deedOf(change)]}
}

function putsBack({says, verb, by}: Word, {gap}: Window): boolean {
  if (says === 'ignore-label-gone') return gap === 'ignore-label'
  // A patch that is not open made it anew, unless it is Gatekeeper's own work on what is there.
  return gap === 'removed' && (verb === 'create' || (!verb.startsWith('delete') && !GATEKEEPER.test(by ?? '')))
}

/** An event that two reconciliations tell is one. */
export function once(words: readonly Word[]): Word[] {
  const seen = new Map<string, Word>()
  for (const word of words) {
    const key = JSON.stringify([
      word.source,
      word.says,
      word.time,
      word.what,
      word.verb,
      word.by,
      word.uid,
      word.isOpen,
      word.source === 'canary' ? word.record : '',
    ])
    const before = seen.get(key)
    if (before === undefined || word.record < before.record) seen.set(key, word)
  }
  return [...seen.values()]
}

/** In one millisecond it is made before it is removed: in doubt it is gone. */
function inOrder(a: Word, b: Word): number {
  return a.at - b.at || Number(a.isOpen) - Number(b.isOpen) || byTime(a, b)
}
