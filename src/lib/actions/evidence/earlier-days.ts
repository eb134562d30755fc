/**
 * What lay in the store when the seal came that a walk begins after: known by the list alone, and by what that seal counts.
 *
 * Rules: as many are sealed of a day as are counted. Where fewer lie there, some are gone; where more do, some were never
 * sealed, and the seals before are read to tell which. Of days before its totals nothing is known.
 */
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {RECORDS} from '../../evidence/key.ts'
import {START, type LogState} from '../../ledger/fold.ts'
import {placeOf, placeOfKey} from '../../ledger/totals.ts'
import type {ObjectVersion} from '../../ports/evidence-store.ts'
import type {ListedLog} from '../ledger/list-log.ts'
import {walkLog} from '../ledger/walk-log.ts'
import type {Verification} from './verification.ts'

export interface EarlierDays {
  /** A record that lay there, in the order of keys: those of a day lie together. */
  add(version: ObjectVersion): void
  /** The days of which more lie there than are counted, with all of them. */
  unsure(): readonly ObjectVersion[]
  /** Days of which some are gone. */
  findings(): EvidenceFinding[]
}

/** @param since what is counted; undefined: nothing is added */
export function createEarlierDays(since: LogState | undefined): EarlierDays {
  const counted = new Map((since?.totals.totals ?? []).map((total) => [placeOf(total), total.count]))
  const there = new Map<string, number>()
  const unsure: ObjectVersion[] = []
  let day: {readonly place: string; readonly dt: string; readonly versions: ObjectVersion[]} | undefined
  const close = () => {
    if (day === undefined) return
    there.set(day.place, day.versions.length)
    if (day.dt >= (since?.totals.since ?? '') && day.versions.length > (counted.get(day.place) ?? 0)) unsure.push(...day.versions)
    day = undefined
  }
  return {
    add(version) {
      const place = placeOfKey(version.key)
      if (place === undefined) return
      if (day?.place !== placeOf(place)) {
        close()
        day = {place: placeOf(place), dt: place.dt, versions: []}
      }
      day.versions.push(version)
    },
    unsure() {
      close()
      return unsure
    },
    findings() {
      close()
      return (since?.totals.totals ?? []).flatMap((total) => {
        const found = there.get(placeOf(total)) ?? 0
        if (found >= total.count) return []
        const key = `${RECORDS}${total.stream}/dt=${total.dt}/`
        return [{code: 'record.deleted', key, message: `${total.count} were sealed, and ${found} are there`}]
      })
    },
  }
}

/** Those of the days with too many that no seal has. @throws AppError `store.*` */
export async function unsealedOf(days: EarlierDays, listed: ListedLog, {store, since, findings}: Verification): Promise<readonly ObjectVersion[]> {
  const unsure = days.unsure()
  if (unsure.length === 0 || since === undefined) return []
  const sealed = new Set<string>()
  let state = START
  const seals = new Map([...listed.seals].filter(([n]) => n <= since.n))
  for await (const walked of walkLog(store, {...listed, seals, checkpoints: new Map()}, START, [])) {
    findings.add(...walked.findings)
    state = walked.state
    for (const {key} of walked.stored?.seal.entries ?? []) sealed.add(key)
  }
  if (state.root !== since.root)
    findings.add({code: 'seal.broken', key: store.address, message: `the seals up to ${since.n} do not make the root that was kept`})
  return unsure.filter(({key}) => !sealed.has(key))
}
