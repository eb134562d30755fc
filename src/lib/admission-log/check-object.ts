/** Only evidence goes into the log and comes out of it, and its bytes are what its name says. Pure. */
import {createHash} from 'node:crypto'
import {parseBlobKey, parseRecordKey} from '../evidence/key.ts'
import type {LoggedObject} from '../ports/admission-log.ts'

/** @returns why not */
export function checkObject({key, bytes}: LoggedObject): string | undefined {
  const sha256 = parseRecordKey(key)?.sha256 ?? parseBlobKey(key)
  if (sha256 === undefined) return `${JSON.stringify(key)} is not evidence`
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? undefined : `the bytes of ${key} are not those that it names`
}
