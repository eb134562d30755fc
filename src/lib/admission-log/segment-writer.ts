/**
 * Writes objects into segments, durably, one group at a time: `segmentWriter(…)`.
 *
 * Rules: what could not be made durable is cut off again before anybody hears of it; where not even that works, nothing is
 * written any more. A file whose flush failed is left: the system may forget what it could not write. Each process begins a
 * segment of its own, at its first group; the one before is closed first.
 */
import {randomBytes} from 'node:crypto'
import {open, rm, type FileHandle} from 'node:fs/promises'
import {parseRecordKey} from '../evidence/key.ts'
import type {LoggedObject} from '../ports/admission-log.ts'
import {flushFolder} from './durable.ts'
import {closingFrame, encodeFrame, SEGMENT_HEADER, segmentHeader} from './frame.ts'
import {segmentPath, type OpenEnd, type Place, type Segment} from './segment.ts'

export interface WriterSeams {
  readonly now: () => Date
  /** Bytes after which a segment is rolled. */
  readonly segmentBytes: number
  readonly write: (file: FileHandle, bytes: Uint8Array, position: number) => Promise<void>
  readonly sync: (file: FileHandle) => Promise<void>
}

export interface SegmentWriter {
  /** All of them, or none. Not to be called again before it has ended. */
  write(objects: readonly LoggedObject[]): Promise<readonly Place[]>
  close(): Promise<void>
}

interface WriterParts {
  readonly folder: string
  /** Of the segment before. */
  readonly openEnd: OpenEnd | undefined
  readonly newest: number
  /** A segment is there, and nothing is in it yet. */
  readonly began: (segment: Segment) => Promise<void>
}

export function segmentWriter({folder, openEnd, newest, began}: WriterParts, seams: WriterSeams): SegmentWriter {
  let number = newest
  let file: FileHandle | undefined
  /** Of `file`, or of the segment before. */
  let end = openEnd
  let broken: Error | undefined

  const leave = async () => {
    await file?.close()
    file = undefined
  }
  const begin = async (): Promise<FileHandle> => {
    if (end !== undefined) await closeEnd(end, seams)
    end = undefined
    const segment = {number: number + 1, path: segmentPath(folder, number + 1), salt: randomBytes(16)}
    const made = await makeSegment(segment, folder, seams)
    number += 1
    file = made
    end = {segment, at: SEGMENT_HEADER, ordinal: 0}
    await began(segment)
    return made
  }
  const rollBack = async (own: FileHandle, from: OpenEnd) => {
    try {
      await own.truncate(from.at)
      await own.datasync()
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error))
    }
    await leave()
  }

  return {
    async write(objects) {
      if (broken !== undefined) throw broken
      if (end !== undefined && end.at >= seams.segmentBytes) await leave()
      const own = file ?? (await begin())
      if (end === undefined) throw new Error('no segment')
      const from: OpenEnd = end
      const time = seams.now().getTime()
      const frames = objects.map((object, index) => encodeFrame({...object, time}, from.ordinal + index, from.segment.salt))
      try {
        await seams.write(own, Buffer.concat(frames), from.at)
        await seams.sync(own)
      } catch (error) {
        await rollBack(own, from)
        throw error
      }
      let {at} = from
      const places = frames.map(({length}, index): Place => {
        const place = {segment: from.segment, at, length, time, isRecord: parseRecordKey(objects[index]?.key ?? '') !== undefined}
        at += length
        return place
      })
      end = {segment: from.segment, at, ordinal: from.ordinal + frames.length}
      return places
    },
    close: leave,
  }
}

/** No more comes after this one. */
async function closeEnd({segment, at, ordinal}: OpenEnd, {write, sync}: WriterSeams): Promise<void> {
  await using file = await open(segment.path, 'r+')
  // What a group that failed may have left here.
  await file.truncate(at)
  try {
    await write(file, closingFrame(ordinal, segment.salt), at)
    await sync(file)
  } catch (error) {
    await file.truncate(at)
    throw error
  }
}

async function makeSegment({number, path, salt}: Segment, folder: string, {write, sync}: WriterSeams): Promise<FileHandle> {
  const file = await open(path, 'wx', 0o600)
  try {
    await write(file, segmentHeader(number, salt), 0)
    await sync(file)
    await flushFolder(folder)
    return file
  } catch (error) {
    await file.close()
    await rm(path, {force: true})
    throw error
  }
}
