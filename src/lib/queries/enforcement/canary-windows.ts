/**
 * What canaries said, one after another, into the windows in which nothing proves that a cluster refused. Pure.
 *
 * What is open when a cluster is taken out of service ends with that. A canary reports on every change and at least every
 * hour. So a refusal proves the time up to the next report, and no longer than a little over an hour; what is not proven
 * lasts until the next refusal. Where the policy lets refusals only warn until a day, a warning of ours proves as much.
 */
import type {Window, Word} from './word.ts'

/** Milliseconds: an hour, and a quarter of one for slow clusters. */
export const PROVES = 75 * 60_000

/** @param words of one cluster, by time: canaries, and starts of providers. @param to ISO */
export function canaryWindows(words: readonly Word[], to: string): Window[] {
  const canaries = words.filter(({source}) => source === 'canary')
  const first = words.find(({says}) => says === 'started')
  const gone = outOfService(words)
  const last = gone === undefined ? {ends: null, endedBy: ''} : {ends: gone.time, endedBy: 'taken out of service'}
  if (canaries.length === 0) return first === undefined ? [] : [{...windowAt(first), gap: 'never', sources: ['provider'], ...last}]
  const windows: Window[] = []
  let open: Window | undefined
  let refused: Word | undefined
  const close = (ends: string, by: string) => {
    if (open !== undefined) windows.push({...open, ends, endedBy: by})
    open = undefined
  }
  for (const word of canaries) {
    // A canary that came too late leaves the time before it unproven.
    if (open === undefined && refused !== undefined && word.at - refused.at > PROVES) open = {...windowAt(refused), gap: 'silent'}
    if (word.says === 'refused' || word.says === 'warned') {
      close(word.time, `canary ${word.says}`)
      refused = word
      continue
    }
    open = worse(open, {...windowAt(word), gap: word.says === 'admitted' ? 'admitted' : 'unknown', begins: (refused ?? word).time})
  }
  if (open === undefined && refused !== undefined && (gone?.at ?? Date.parse(to)) - refused.at > PROVES) open = {...windowAt(refused), gap: 'silent'}
  if (open !== undefined) windows.push({...open, ...last})
  return windows
}

/** Said, and nothing came after it but what its servers said while they were stopped. */
function outOfService(words: readonly Word[]): Word | undefined {
  const said = words.findLast(({says}) => says === 'ended')
  return said !== undefined && words.every(({says, source, at}) => says === 'ended' || (source !== 'canary' && source !== 'provider') || at <= said.at + PROVES)
    ? said
    : undefined
}

function windowAt({time, cluster, system, reason, record}: Word): Window {
  return {gap: 'silent', begins: time, ends: null, endedBy: '', sources: ['canary'], deeds: [], first: {cluster, system, reason, record}}
}

/** One window has one name: that of the worst that was seen in it. */
function worse(open: Window | undefined, next: Window): Window {
  if (open === undefined) return next
  return next.gap === 'admitted' && open.gap !== 'admitted' ? {...next, begins: open.begins} : open
}
