/**
 * Who wrote an object, out of CloudTrail's data events: `{"Records": […]}` as it is delivered, or one event a line, plain
 * or gzip. Pure.
 *
 * Rules: only what succeeded counts; a write that was refused wrote nothing. Events that are not about writing an object
 * are passed over; a file that holds no events at all is refused, since it could hide what it does not show.
 */
import {gunzipSync} from 'node:zlib'
import {AppError} from '../errors.ts'

export interface WriteEvent {
  readonly bucket: string
  readonly key: string
  /** Where the event tells. */
  readonly version?: string
  /** Who it was, by every name that the event gives: the session's ARN, and that of the role behind it. */
  readonly principals: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** Of one file, unpacked. */
const MAX_BYTES = 256 * 1024 * 1024
const WRITES: ReadonlySet<unknown> = new Set(['PutObject', 'CompleteMultipartUpload', 'CopyObject'])

/** @param name of the file, for messages. @throws AppError `usage.input` */
export function readWriteEvents(bytes: Uint8Array, name: string): WriteEvent[] {
  return eventsIn(textOf(bytes, name), name).flatMap((event) => writeOf(event) ?? [])
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (isPacked ? gunzipSync(bytes, {maxOutputLength: MAX_BYTES}) : Buffer.from(bytes)).toString('utf8')
  } catch (cause) {
    throw new AppError('usage.input', `${name} cannot be unpacked`, {cause})
  }
}

function eventsIn(text: string, name: string): Fields[] {
  const whole = parsed(text)
  const events =
    isFields(whole) && Array.isArray(whole['Records'])
      ? listOf(whole['Records'])
      : text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(parsed)
  if (events.length === 0 || !events.every((event) => isFields(event) && 'eventName' in event))
    throw new AppError('usage.input', `${name} holds no events of CloudTrail`, {fix: 'Give files as CloudTrail delivers them, or one event a line.'})
  return events.filter(isFields)
}

function writeOf(event: Fields): WriteEvent | undefined {
  const {eventName, errorCode, requestParameters, responseElements, userIdentity} = event
  if (!WRITES.has(eventName) || errorCode !== undefined || !isFields(requestParameters)) return undefined
  const {bucketName: bucket, key} = requestParameters
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined
  const version = isFields(responseElements) ? responseElements['x-amz-version-id'] : undefined
  return {bucket, key, ...(typeof version === 'string' && {version}), principals: isFields(userIdentity) ? principalsOf(userIdentity) : []}
}

function principalsOf({arn, sessionContext}: Fields): string[] {
  const issuer = isFields(sessionContext) ? sessionContext['sessionIssuer'] : undefined
  return [arn, isFields(issuer) ? issuer['arn'] : undefined].filter((one) => typeof one === 'string')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
