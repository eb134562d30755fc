/** One object of the log, read back: `placeReader()`. Keeps the file of the last one open. */
import {open, type FileHandle} from 'node:fs/promises'
import type {LoggedObject} from '../ports/admission-log.ts'
import {checkObject} from './check-object.ts'
import {readFrame} from './frame.ts'
import type {Place} from './segment.ts'

export interface PlaceReader {
  /** Undefined where it is not any more what was written. */
  read(place: Place): Promise<LoggedObject | undefined>
  close(): Promise<void>
}

export function placeReader(): PlaceReader {
  let current: {readonly path: string; readonly file: FileHandle} | undefined
  const close = async () => {
    const last = current
    current = undefined
    await last?.file.close()
  }
  return {
    async read({segment: {path, salt}, at, length}) {
      if (current?.path !== path) {
        await close()
        current = {path, file: await open(path, 'r')}
      }
      const {buffer, bytesRead} = await current.file.read(Buffer.alloc(length), 0, length, at)
      const frame = readFrame(buffer.subarray(0, bytesRead), 0, salt)
      if (typeof frame === 'string' || 'wrong' in frame || checkObject(frame) !== undefined) return undefined
      return {key: frame.key, bytes: frame.bytes}
    },
    close,
  }
}
