/** Objects as a log takes them: blobs of given bytes, and records that the real recorder made. All names are invented. */
import assert from 'node:assert/strict'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {blobKey} from '../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import type {AdmissionLog, LoggedObject} from '../../src/lib/ports/admission-log.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {memoryStore} from './memory-store.ts'
import {recorderParts} from './recorder-parts.ts'
import {testRecord} from './spool-world.ts'

export function blobOf(text: string | Uint8Array): LoggedObject {
  const bytes = Buffer.from(text)
  return {key: blobKey(sha256Hex(bytes)), bytes}
}

/** Of one chain. */
export async function recordsOf(names: readonly string[]): Promise<LoggedObject[]> {
  const store = memoryStore()
  const parts = recorderParts({store})
  const written = await createRecorder({...parts, position: implicitRun(parts.newId(), 'main')}).writeAll(names.map(testRecord))
  return written.map(({key}) => ({key, bytes: store.objects.get(key) ?? assert.fail(key)}))
}

/** Keys, oldest first. */
export async function waitingIn(log: AdmissionLog): Promise<string[]> {
  const keys: string[] = []
  for await (const {key} of log.waiting()) keys.push(key)
  return keys
}

/** All that waits counts as shipped. */
export async function shipAway(log: AdmissionLog): Promise<void> {
  let last: LoggedObject | undefined
  for await (const object of log.waiting()) last = object
  if (last !== undefined) await log.shipped(last)
}
