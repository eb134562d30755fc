/**
 * The folder of a log as it is found: `surveyFolder(folder, cursor)`. The lock is held.
 *
 * Rules: a torn end of the newest segment is cut off. What is no part of a log is set aside. A segment that is not what was
 * written is kept aside, and what is whole in it goes on under its number, as a segment with a new salt: so the cursor,
 * which names the old one, counts for nothing in it. A segment that has gone is named, and an empty one takes its place.
 */
import {randomBytes} from 'node:crypto'
import {lstat, open, readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {parseRecordKey} from '../evidence/key.ts'
import type {Cursor} from './cursor.ts'
import {flushFolder, replaceFile} from './durable.ts'
import {closingFrame, encodeFrame, segmentHeader} from './frame.ts'
import {errorCode} from './log-error.ts'
import {readSegment, type FoundFrame, type SegmentContent} from './read-segment.ts'
import {segmentNumber, segmentPath, type OpenEnd, type Place, type Segment} from './segment.ts'
import {DAMAGED, keepAside, setAside} from './set-aside.ts'

export interface Survey {
  readonly segments: readonly Segment[]
  /** Not shipped, oldest first. */
  readonly waiting: readonly Place[]
  readonly newestRecord: Place | undefined
  /** Of the newest segment, where it is not closed. */
  readonly openEnd: OpenEnd | undefined
  readonly newest: number
  readonly damaged: readonly string[]
}

export const LOCK = 'lock'
export const CURSOR = 'cursor'

/** `lost+found` is what the root of a volume brings along. */
const OWN = new Set([LOCK, `${LOCK}.holder`, `${LOCK}-journal`, CURSOR, DAMAGED, 'lost+found'])
const SCRATCH = /^(?:cursor|\d{12}\.wal)\.[0-9a-f]{12}\.tmp$/

export async function surveyFolder(folder: string, cursor: Cursor | undefined): Promise<Survey> {
  const {numbers: found, damaged} = await sortOut(folder)
  const oldest = cursor?.segment ?? found[0] ?? 1
  const newest = Math.max(0, cursor?.newest ?? 0, ...found)
  const expected = Array.from({length: Math.max(0, newest - oldest + 1)}, (_, index) => oldest + index)
  const survey = {segments: [] as Segment[], waiting: [] as Place[], newestRecord: undefined as Place | undefined, openEnd: undefined as OpenEnd | undefined}
  for (const number of [...new Set([...found, ...expected])].toSorted((a, b) => a - b)) {
    // oxlint-disable-next-line no-await-in-loop -- one in memory at a time
    const taken = await takeSegment(folder, number, number === newest, cursor)
    if (taken.damaged !== undefined) damaged.push(taken.damaged)
    if (taken.segment === undefined) continue
    const {segment, frames} = taken
    const shippedTo = cursor === undefined || number > cursor.segment ? 0 : number < cursor.segment ? Infinity : cursor.salt === hex(segment) ? cursor.at : 0
    const places = frames.map(({at, length, time, key}): Place => ({segment, at, length, time, isRecord: parseRecordKey(key) !== undefined}))
    survey.segments.push(segment)
    for (const place of places) if (place.at >= shippedTo) survey.waiting.push(place)
    survey.newestRecord = places.findLast(({isRecord}) => isRecord) ?? survey.newestRecord
    survey.openEnd = taken.openEnd
  }
  // Of a segment whose making was interrupted nothing is left: its number is free.
  const isLeft = newest === 0 || survey.segments.at(-1)?.number === newest
  return {...survey, newest: isLeft ? newest : newest - 1, damaged}
}

/** @returns numbers of segments, ascending; what was set aside */
async function sortOut(folder: string): Promise<{numbers: number[]; damaged: string[]}> {
  const [numbers, damaged]: [number[], string[]] = [[], []]
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name)
    const number = segmentNumber(name)
    if (SCRATCH.test(name)) {
      // oxlint-disable-next-line no-await-in-loop -- a handful
      await rm(path, {force: true, recursive: true})
      // oxlint-disable-next-line no-await-in-loop -- a handful
    } else if (number !== undefined && (await lstat(path)).isFile()) numbers.push(number)
    // oxlint-disable-next-line no-await-in-loop -- a handful
    else if (!OWN.has(name)) damaged.push(await setAside(path))
  }
  return {numbers, damaged}
}

interface Taken {
  readonly segment?: Segment
  readonly frames: readonly FoundFrame[]
  readonly openEnd?: OpenEnd | undefined
  readonly damaged?: string
}

async function takeSegment(folder: string, number: number, isNewest: boolean, cursor: Cursor | undefined): Promise<Taken> {
  const path = segmentPath(folder, number)
  const bytes = await readIfThere(path)
  if (bytes === undefined) return {...(await restore(path, number, [])), damaged: path}
  const content = readSegment(bytes, number)
  if (isDamaged(content, number, isNewest, bytes.length, cursor)) {
    const aside = await keepAside(path)
    return {...(await restore(path, number, content.frames)), damaged: aside}
  }
  if (content.salt === undefined) {
    await rm(path)
    await flushFolder(folder)
    return {frames: []}
  }
  if (content.torn) await cut(path, content.end)
  const segment = {number, path, salt: content.salt}
  return {segment, frames: content.frames, openEnd: content.closed ? undefined : {segment, at: content.end, ordinal: content.frames.length}}
}

/** What was cut off is torn only where the newest segment ends; and nothing that was shipped is torn. */
function isDamaged(content: SegmentContent, number: number, isNewest: boolean, length: number, cursor: Cursor | undefined): boolean {
  if (content.damaged) return true
  if (!isNewest) return content.torn || !content.closed
  if (content.salt === undefined) return (cursor?.newest ?? 0) >= number
  return cursor?.segment === number && cursor.salt === content.salt.toString('hex') && cursor.at > Math.min(content.end, length)
}

/** A closed segment of the frames that are whole. */
async function restore(path: string, number: number, found: readonly FoundFrame[]): Promise<Taken> {
  const salt = randomBytes(16)
  const parts = [segmentHeader(number, salt)]
  const frames: FoundFrame[] = []
  let at = parts[0]?.length ?? 0
  for (const [ordinal, frame] of found.entries()) {
    const bytes = encodeFrame(frame, ordinal, salt)
    frames.push({...frame, ordinal, at})
    parts.push(bytes)
    at += bytes.length
  }
  await replaceFile(path, Buffer.concat([...parts, closingFrame(found.length, salt)]))
  return {segment: {number, path, salt}, frames}
}

async function cut(path: string, end: number): Promise<void> {
  await using file = await open(path, 'r+')
  await file.truncate(end)
  await file.sync()
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function hex({salt}: Segment): string {
  return salt.toString('hex')
}
