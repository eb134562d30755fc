/**
 * Bytes of a segment in, what is whole in it out: `readSegment(bytes, number)`. Pure.
 *
 * Rules: an end that is only cut off is `torn`. All else that is not what was written is `damaged`; what is whole beyond
 * the damage is found again by its digests. Each frame knows its place, so one that is gone or twice there is seen.
 */
import {checkObject} from './check-object.ts'
import {FRAME_MAGIC, readFrame, readSegmentHeader, SEGMENT_HEADER, type ReadFrame} from './frame.ts'

export interface FoundFrame extends ReadFrame {
  readonly at: number
}

export interface SegmentContent {
  /** Undefined where the header is not right. */
  readonly salt?: Buffer
  /** In order, without the closing one. */
  readonly frames: readonly FoundFrame[]
  /** Where the next frame would begin. */
  readonly end: number
  readonly closed: boolean
  readonly torn: boolean
  readonly damaged: boolean
}

export function readSegment(bytes: Buffer, number: number): SegmentContent {
  const salt = readSegmentHeader(bytes, number)
  if (salt === undefined) {
    const torn = bytes.length < SEGMENT_HEADER
    return {frames: [], end: 0, closed: false, torn, damaged: !torn}
  }
  const frames: FoundFrame[] = []
  let [at, next, closed, torn, damaged] = [SEGMENT_HEADER, 0, false, false, false]
  while (at < bytes.length) {
    const found = readFrame(bytes, at, salt)
    if (found === 'short') {
      torn = true
      break
    }
    if (found === 'wrong' || 'wrong' in found) {
      damaged = true
      at = found === 'wrong' ? resume(bytes, at + 1) : at + found.wrong
      continue
    }
    if (found.ordinal !== next || closed) damaged = true
    if (found.kind === 'closing') closed = true
    else if (found.ordinal >= next && checkObject(found) === undefined) frames.push({...found, at})
    else damaged = true
    next = Math.max(next, found.ordinal + 1)
    at += found.length
  }
  return {salt, frames, end: at, closed, torn, damaged}
}

function resume(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(FRAME_MAGIC, from)
  return at === -1 ? bytes.length : at
}
