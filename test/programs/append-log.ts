/**
 * Appends to a write-ahead log, several callers at a time, and prints a line for each call that was acknowledged: its keys,
 * with a space between. `{folder, count, seed, atOnce?, segmentBytes?, lockWait?, ship?}`: with `ship` it also lets go, now
 * and then, of the oldest that waits, and prints `shipped <key>` before it does. It may be killed at any moment. Exit 4: the log refused,
 * and its words stand on stderr. All content is invented.
 */
import process from 'node:process'
import {openAdmissionLog} from '../../src/lib/admission-log/open-log.ts'
import {AppError} from '../../src/lib/errors.ts'
import type {AdmissionLog} from '../../src/lib/ports/admission-log.ts'
import {blobOf} from '../fakes/evidence-objects.ts'

export interface AppendRequest {
  readonly folder: string
  readonly count: number
  readonly seed: string
  readonly atOnce?: number
  readonly segmentBytes?: number
  readonly lockWait?: number
  readonly ship?: boolean
}

const {folder, count, seed, atOnce = 1, ship = false, ...seams} = JSON.parse(process.argv[2] ?? '') as AppendRequest
try {
  const log = await openAdmissionLog(folder, {bytes: 256 * 1024 * 1024, age: 3_600_000}, seams)
  for (let from = 0; from < count; from += atOnce) {
    const calls = Array.from({length: Math.min(atOnce, count - from)}, (_, index) => [from + index, 'a'] as const)
    // oxlint-disable-next-line no-await-in-loop -- one group after another
    await Promise.all(calls.map(async ([nth]) => append(log, nth)))
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (ship && from % 3 === 0) await shipSome(log)
  }
  await log.close()
} catch (error) {
  if (!(error instanceof AppError)) throw error
  process.stderr.write(`${error.code} ${error.message}\n`)
  process.exitCode = error.exitCode
}

async function append(log: AdmissionLog, nth: number): Promise<void> {
  const objects = Array.from({length: 1 + (nth % 3)}, (_, index) => blobOf(`${seed} ${nth} ${index} ${'x'.repeat((nth * 37) % 5000)}`))
  await log.append(objects)
  process.stdout.write(`${objects.map(({key}) => key).join(' ')}\n`)
}

async function shipSome(log: AdmissionLog): Promise<void> {
  for await (const object of log.waiting()) {
    process.stdout.write(`shipped ${object.key}\n`)
    await log.shipped(object)
    return
  }
}
