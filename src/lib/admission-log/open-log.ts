/**
 * The write-ahead log of an admission server as a folder: `openAdmissionLog(folder, bounds)`.
 *
 * In it: segments `000000000001.wal` …, `cursor` (how far it was shipped), `lock`, and `damaged/` for what is not what was
 * written. A segment is removed when all of it is shipped, but the one with the newest record: the next boot has to know it.
 */
import {mkdir, rm} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import type {AdmissionLog, AdmissionLogBounds, LoggedObject} from '../ports/admission-log.ts'
import {checkObject} from './check-object.ts'
import {openCursor, readCursor, type CursorFile} from './cursor.ts'
import {flushFolder, writeAt} from './durable.ts'
import {frameLength} from './frame.ts'
import {groupCommit} from './group-commit.ts'
import {logError} from './log-error.ts'
import {placeReader} from './read-place.ts'
import type {Place, Segment} from './segment.ts'
import {segmentWriter, type WriterSeams} from './segment-writer.ts'
import {keepAside, setAside} from './set-aside.ts'
import {CURSOR, LOCK, surveyFolder, type Survey} from './survey-folder.ts'
import {takeLock} from './take-lock.ts'
import {waitingQueue} from './waiting-queue.ts'

/** What a test may replace. */
export interface LogSeams extends WriterSeams {
  /** Milliseconds to wait for the process that has it open. */
  readonly lockWait: number
}

const SEAMS: LogSeams = {now: () => new Date(), segmentBytes: 8 * 1024 * 1024, write: writeAt, sync: (file) => file.datasync(), lockWait: 10_000}

/** @throws AppError `admission.log-unusable` */
export async function openAdmissionLog(folder: string, bounds: AdmissionLogBounds, seams: Partial<LogSeams> = {}): Promise<AdmissionLog> {
  const path = resolve(folder)
  const all = {...SEAMS, ...seams}
  try {
    await mkdir(path, {recursive: true})
  } catch (error) {
    throw logError('make', path, error)
  }
  const unlock = await takeLock(join(path, LOCK), all.lockWait)
  try {
    return await openLocked(path, bounds, all, unlock)
  } catch (error) {
    await unlock()
    throw logError('open', path, error)
  }
}

async function openLocked(path: string, bounds: AdmissionLogBounds, seams: LogSeams, unlock: () => Promise<void>): Promise<AdmissionLog> {
  const file = join(path, CURSOR)
  const found = await readCursor(file)
  const damaged = found === 'damaged' ? [await setAside(file)] : []
  const known = found === 'damaged' ? undefined : found
  const survey = await surveyFolder(path, known)
  // Nothing tells how far it was shipped: all of it is, once more.
  if (found === undefined && survey.segments.length > 0) damaged.push(file)
  damaged.push(...survey.damaged)
  const cursor = await openCursor(
    file,
    known ?? {generation: 0, segment: survey.segments[0]?.number ?? 1, at: 0, salt: '', newest: survey.newest},
    known !== undefined,
  )
  return assemble({path, bounds, seams, unlock, damaged, cursor, survey})
}

interface Parts {
  readonly path: string
  readonly bounds: AdmissionLogBounds
  readonly seams: LogSeams
  readonly unlock: () => Promise<void>
  readonly damaged: string[]
  readonly cursor: CursorFile
  readonly survey: Survey
}

function assemble({path, bounds, seams, unlock, damaged, cursor, survey}: Parts): AdmissionLog {
  const segments = [...survey.segments]
  const queue = waitingQueue(survey.waiting)
  const numbers = new WeakMap<LoggedObject, number>()
  const lost = new Set<Place>()
  let newestRecord = survey.newestRecord
  let closed = false

  const began = async (segment: Segment) => {
    segments.push(segment)
    await cursor.move({newest: segment.number})
  }
  const writer = segmentWriter({folder: path, openEnd: survey.openEnd, newest: survey.newest, began}, seams)
  const group = groupCommit<LoggedObject>(
    (objects, before) => refuse(objects, before),
    async (objects) => {
      try {
        const places = await writer.write(objects)
        queue.push(places)
        newestRecord = places.findLast(({isRecord}) => isRecord) ?? newestRecord
      } catch (error) {
        throw logError('write', path, error)
      }
    },
  )
  const refuse = (objects: readonly LoggedObject[], before: readonly LoggedObject[]) => {
    if (closed) return new AppError('admission.log-unusable', `${path} is closed`)
    const size = [...before, ...objects].reduce((total, object) => total + frameLength(object), queue.bytes)
    if (size > bounds.bytes) return new AppError('admission.log-full', `${queue.bytes} bytes wait in ${path}, and no more than ${bounds.bytes} may`)
    const oldest = queue.at(queue.first)
    if (oldest === undefined || seams.now().getTime() - oldest.time <= bounds.age) return undefined
    return new AppError('admission.log-full', `what waits in ${path} does so since ${new Date(oldest.time).toISOString()}, and may for ${bounds.age / 1000} s`)
  }
  const lose = async (place: Place) => {
    if (lost.has(place)) return
    lost.add(place)
    damaged.push(await keepAside(place.segment.path))
  }
  /** What was lost at the head is waited for no more. */
  const skipLost = () => {
    for (let place = queue.at(queue.first); place !== undefined && lost.delete(place); place = queue.at(queue.first)) queue.drop(queue.first + 1)
  }
  const removeShipped = async () => {
    const kept = Math.min(cursor.value.segment, newestRecord?.segment.number ?? Infinity)
    let removed = false
    for (let [oldest] = segments; oldest !== undefined && oldest.number < kept; [oldest] = segments) {
      // oxlint-disable-next-line no-await-in-loop -- oldest first: what is left has no gap
      await rm(oldest.path, {force: true})
      segments.shift()
      removed = true
    }
    if (removed) await flushFolder(path)
  }

  return {
    path,
    damaged,
    get run() {
      return cursor.value.run
    },
    async append(objects) {
      for (const object of objects) {
        const why = checkObject(object)
        if (why !== undefined) throw new AppError('bug', why)
      }
      if (objects.length > 0) await group.add(objects)
    },
    async *waiting() {
      const reader = placeReader()
      try {
        for (let number = queue.first; number < queue.next; number = Math.max(number + 1, queue.first)) {
          const place = queue.at(number)
          if (place === undefined || lost.has(place)) continue
          const object = await reader.read(place)
          if (object === undefined) await lose(place)
          else {
            numbers.set(object, number)
            yield object
          }
        }
        skipLost()
      } catch (error) {
        throw logError('read', path, error)
      } finally {
        await reader.close()
      }
    },
    async shipped(upTo) {
      const number = numbers.get(upTo)
      if (number === undefined) throw new AppError('bug', `${upTo.key} did not come out of ${path}`)
      const place = queue.at(number)
      if (place === undefined) return
      try {
        await cursor.move({segment: place.segment.number, at: place.at + place.length, salt: place.segment.salt.toString('hex')})
        queue.drop(number + 1)
        skipLost()
        await removeShipped()
      } catch (error) {
        throw logError('write', path, error)
      }
    },
    state() {
      const oldest = queue.at(queue.first)
      return {bytes: queue.bytes, objects: queue.next - queue.first, ...(oldest !== undefined && {oldest: new Date(oldest.time)})}
    },
    async newestRecord() {
      if (newestRecord === undefined) return undefined
      const reader = placeReader()
      try {
        return await reader.read(newestRecord)
      } catch (error) {
        throw logError('read', path, error)
      } finally {
        await reader.close()
      }
    },
    async keepRun(run) {
      try {
        await cursor.move({run})
      } catch (error) {
        throw logError('write', path, error)
      }
    },
    async close() {
      if (closed) return
      closed = true
      await group.idle()
      await writer.close()
      await cursor.close()
      await unlock()
    },
  }
}
