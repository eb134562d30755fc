/** A segment of the log on disk, and a place in it. */
import {join} from 'node:path'

export interface Segment {
  readonly number: number
  readonly path: string
  readonly salt: Buffer
}

/** Of an object. */
export interface Place {
  readonly segment: Segment
  readonly at: number
  readonly length: number
  /** When it was appended, milliseconds since 1970. */
  readonly time: number
  readonly isRecord: boolean
}

/** Where a segment that has no closing frame yet goes on. */
export interface OpenEnd {
  readonly segment: Segment
  readonly at: number
  readonly ordinal: number
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(12, '0')}.wal`)
}

/** @returns undefined where it is no segment's name */
export function segmentNumber(name: string): number | undefined {
  const [, digits] = /^(\d{12})\.wal$/.exec(name) ?? []
  const number = Number(digits ?? 0)
  return number > 0 ? number : undefined
}
