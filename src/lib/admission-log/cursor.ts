/**
 * How far the log was shipped, durably: `openCursor(path)`.
 *
 * Two slots in one small file, written in turn and in place: a torn write leaves the other, and a full disk can still be
 * emptied. A cursor that is older than the truth only ships again what is in the store already.
 */
import {createHash} from 'node:crypto'
import {open, readFile, type FileHandle} from 'node:fs/promises'
import {z} from 'zod'
import {replaceFile, writeAt} from './durable.ts'
import {errorCode} from './log-error.ts'

const Cursor = z.strictObject({
  generation: z.int().min(0),
  /** Everything before `at` in this segment is shipped, and all segments before it. */
  segment: z.int().min(1),
  at: z.int().min(0),
  /** Of the segment, hex: `at` means nothing in another of the same number. Empty: it was not begun yet. */
  salt: z.string(),
  /** The newest segment that was begun; 0 before the first. */
  newest: z.int().min(0),
  /** The run that writes into the log. */
  run: z.string().optional(),
})
export type Cursor = z.infer<typeof Cursor>

export interface CursorFile {
  readonly value: Cursor
  /** Durable when it resolves. */
  move(change: Partial<Omit<Cursor, 'generation'>>): Promise<void>
  close(): Promise<void>
}

const SLOT = 512
const START: Cursor = {generation: 0, segment: 1, at: 0, salt: '', newest: 0}

/** @returns undefined where there is none; `damaged` where neither slot can be read */
export async function readCursor(path: string): Promise<Cursor | 'damaged' | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const slots = bytes.length === 2 * SLOT ? [readSlot(bytes.subarray(0, SLOT)), readSlot(bytes.subarray(SLOT))] : []
  return slots.filter((slot) => slot !== undefined).toSorted((a, b) => b.generation - a.generation)[0] ?? 'damaged'
}

/** @param found undefined: it is made */
export async function openCursor(path: string, found: Cursor = START, made = found !== START): Promise<CursorFile> {
  if (!made) await replaceFile(path, Buffer.concat([slotOf(found), slotOf(found)]))
  const file: FileHandle = await open(path, 'r+')
  let value = found
  let queue = Promise.resolve()
  const write = async (change: Partial<Cursor>) => {
    const next = {...value, ...change, generation: value.generation + 1}
    await writeAt(file, slotOf(next), (next.generation % 2) * SLOT)
    await file.datasync()
    value = next
  }
  return {
    get value() {
      return value
    },
    move(change) {
      const moved = queue.then(() => write(change))
      queue = moved.catch(() => undefined)
      return moved
    },
    close: () => file.close(),
  }
}

function slotOf(cursor: Cursor): Buffer {
  const text = Buffer.from(JSON.stringify(cursor).padEnd(SLOT - 65))
  return Buffer.concat([text, Buffer.from(`${sha256(text)}\n`)])
}

function readSlot(slot: Buffer): Cursor | undefined {
  const text = slot.subarray(0, SLOT - 65)
  if (!slot.subarray(SLOT - 65).equals(Buffer.from(`${sha256(text)}\n`))) return undefined
  return Cursor.parse(JSON.parse(text.toString()))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
