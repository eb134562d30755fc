/**
 * Puts a legal hold on records and their blobs, or lifts it. A hold has no end: it stands beside the lock, until it is lifted.
 *
 * All records are found before anything is changed. The store is changed first, then its record is written, so that a run
 * that was interrupted is finished by the same command. A blob that another held record names keeps its hold; as one hold
 * may be lifted while another is put on the same blob, each looks again once its record is there, and the later one sees.
 */
import {AppError, EXIT} from '../../errors.ts'
import {Code} from '../../evidence/primitives.ts'
import type {Context} from '../../ports/context.ts'
import type {ObjectVersion, StoreControls} from '../../ports/evidence-store.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {heldRecords} from './held-records.ts'
import {blobVersions, recordObjects, type RecordObjects} from './record-objects.ts'

export interface HoldRecordsRequest {
  readonly action: 'add' | 'remove'
  /** Ids. */
  readonly records: readonly string[]
  readonly reason: string
  readonly ticket?: string
}

export interface HeldNow {
  /** Its id. */
  readonly record: string
  /** Versions that the hold is on, or was lifted from. */
  readonly objects: number
  /** Blobs that keep their hold, because another held record names them. */
  readonly kept: number
  /** False where it was so before, and nothing was written. */
  readonly changed: boolean
  /** Id of the record that says so; absent where nothing was written. */
  readonly by?: string
}

export interface HoldRecordsResult {
  readonly exitCode: typeof EXIT.ok
  readonly action: 'add' | 'remove'
  readonly records: readonly HeldNow[]
}

/** @throws AppError `usage.flag`, `record.*`, `store.*` */
export async function holdRecords(request: HoldRecordsRequest, context: Context): Promise<HoldRecordsResult> {
  const {action} = request
  refuseText(request)
  const controls = await context.storeControls()
  if (!(await context.recorder()).enabled)
    throw new AppError('usage.flag', 'with --no-record nobody would know why there is a hold', {fix: 'Leave --no-record out.'})
  const store = await context.store()
  const found: RecordObjects[] = []
  for (const text of new Set(request.records)) {
    // oxlint-disable-next-line no-await-in-loop -- few, and named by hand
    found.push(await recordObjects(text, store, context))
  }
  const records: HeldNow[] = []
  for (const one of found) {
    // oxlint-disable-next-line no-await-in-loop -- whether a blob is still needed depends on the one before
    records.push(await holdOne(one, request, controls, context))
  }
  return {exitCode: EXIT.ok, action, records}
}

async function holdOne(one: RecordObjects, request: HoldRecordsRequest, controls: StoreControls, context: Context): Promise<HeldNow> {
  const {record} = one
  const store = await context.store()
  const isOn = request.action === 'add'
  const held = await heldRecords(store)
  const needed = isOn ? new Set<string>() : await neededBlobs(record, [...held.keys()], context)
  const versions = [...one.versions]
  for (const sha256 of one.blobs) {
    if (needed.has(sha256)) continue
    // oxlint-disable-next-line no-await-in-loop -- a handful
    const own = await blobVersions(sha256, store)
    if (own.length === 0) context.progress.note(`the blob ${sha256} that record ${record} names is not in the store`)
    versions.push(...own)
  }
  let changed = 0
  for (const version of versions) {
    // oxlint-disable-next-line no-await-in-loop -- a handful
    if (await setHold(version, isOn, controls)) changed += 1
  }
  const base = {record, objects: versions.length, kept: one.blobs.filter((sha256) => needed.has(sha256)).length}
  if (changed === 0 && held.has(record) === isOn) return {...base, changed: false}
  const by = await recordEffect(`the ${isOn ? 'hold on' : 'end of the hold on'} record ${record}`, context, {
    stream: 'hold',
    subject: `urn:hipaa-ci:record:${record}`,
    outcome: 'pass',
    detail: {
      action: request.action,
      what: record,
      reason: request.reason,
      ...(request.ticket !== undefined && {ticket: request.ticket}),
      since: context.now().toISOString(),
      objects: versions.length,
    },
  })
  await holdAgain(one, controls, context)
  return {...base, changed: true, ...(by !== undefined && {by})}
}

/** What is to be held by what the records say now, and is not, because somebody lifted it in between. */
async function holdAgain({record, versions: own, blobs}: RecordObjects, controls: StoreControls, context: Context): Promise<void> {
  const store = await context.store()
  const held = await heldRecords(store)
  const isHeld = held.has(record)
  const needed = isHeld ? new Set(blobs) : await neededBlobs(record, [...held.keys()], context)
  const versions = isHeld ? [...own] : []
  // oxlint-disable-next-line no-await-in-loop -- a handful
  for (const sha256 of blobs) if (needed.has(sha256)) versions.push(...(await blobVersions(sha256, store)))
  // oxlint-disable-next-line no-await-in-loop -- a handful
  for (const version of versions) await setHold(version, true, controls)
}

/** Of the records that stay held. */
async function neededBlobs(record: string, held: readonly string[], context: Context): Promise<Set<string>> {
  const store = await context.store()
  const needed = new Set<string>()
  for (const other of held) {
    if (other === record) continue
    // oxlint-disable-next-line no-await-in-loop -- holds are few
    for (const sha256 of (await recordObjects(other, store, context)).blobs) needed.add(sha256)
  }
  return needed
}

/** @returns whether it was otherwise before */
async function setHold({key, version}: ObjectVersion, isOn: boolean, controls: StoreControls): Promise<boolean> {
  const lock = await controls.lockOf(key, version)
  if (lock === undefined || version === undefined) throw new AppError('store.conflict', `${key} was there, and is not any more`)
  if ((lock.hold === true) === isOn) return false
  await controls.setHold(key, version, isOn)
  return true
}

function refuseText({reason, ticket}: HoldRecordsRequest): void {
  for (const [flag, text] of [
    ['reason', reason],
    ['ticket', ticket],
  ] as const)
    if (text !== undefined && !Code.safeParse(text).success)
      throw new AppError('usage.flag', `--${flag} ${JSON.stringify(text)} is not a code: letters, digits and . _ / : @ # + -, no spaces`)
}
