/** Records of the store, newest last. One that cannot be read stands in the list as such, never left out. */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {parseRecordKey, RECORDS, ulidTime} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import {type EvidenceRecord} from '../../evidence/schema.ts'
import {isStream, STREAMS} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {parseSince} from '../query/parse-since.ts'

export interface ListEvidenceRequest {
  readonly stream?: string | undefined
  /** `90d`, `24h`, or a date. */
  readonly since?: string | undefined
  /** Only this run's. */
  readonly run?: string | undefined
  /** The newest so many. */
  readonly limit: number
}

export interface ListedRecord {
  readonly id: string
  readonly key: string
  readonly stream: string
  /** `altered`: its bytes do not match its name. `unreadable`: they do, and are no record of a known schema. */
  readonly state: 'whole' | 'altered' | 'unreadable'
  /** UTC; the id's time where the record cannot be read. */
  readonly time: string
  readonly runid?: string
  readonly job?: string
  readonly seq?: number
  readonly subject?: string
  readonly environment?: string
  readonly outcome?: string
  /** Of a revocation: what it does, and why. */
  readonly says?: string
}

export interface ListEvidenceResult {
  readonly store: string
  readonly records: readonly ListedRecord[]
  /** How many fit, of which `records` are the newest. */
  readonly total: number
  readonly exitCode: ExitCode
}

/** @throws AppError `usage.flag`, `store.*` */
export async function listEvidence({stream, since, run, limit}: ListEvidenceRequest, context: Context): Promise<ListEvidenceResult> {
  if (stream !== undefined && !isStream(stream))
    throw new AppError('usage.flag', `${JSON.stringify(stream)} is not a stream`, {fix: `Streams are: ${STREAMS.join(', ')}.`})
  const from = since === undefined ? 0 : parseSince(since, context.now()).getTime()
  const store = await context.store()
  const keys: {key: string; id: string}[] = []
  for await (const key of store.list(stream === undefined ? RECORDS : `${RECORDS}${stream}/`)) {
    const parts = parseRecordKey(key)
    if (parts !== undefined && ulidTime(parts.id) >= from) keys.push({key, id: parts.id})
  }
  const ordered = keys.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({key}) => key)
  const records: ListedRecord[] = []
  // What cannot be read may be of any run: it is always shown.
  for (const key of run === undefined ? ordered.slice(-limit) : ordered) {
    // oxlint-disable-next-line no-await-in-loop -- one after another: a store is read politely
    const record = await readOne(key, store)
    if (run === undefined || record.runid === undefined || record.runid === run) records.push(record)
  }
  return {
    store: store.address,
    records: records.slice(-limit),
    total: run === undefined ? ordered.length : records.length,
    exitCode: records.every(({state}) => state === 'whole') ? EXIT.ok : EXIT.evidence,
  }
}

async function readOne(key: string, store: EvidenceStore): Promise<ListedRecord> {
  const parts = parseRecordKey(key)
  if (parts === undefined) throw new AppError('bug', `${key} was a record's key, and is no longer`)
  const unread = {id: parts.id, key, stream: parts.stream, time: new Date(ulidTime(parts.id)).toISOString()}
  const bytes = await store.get(key)
  if (bytes === undefined || sha256Hex(bytes) !== parts.sha256) return {...unread, state: 'altered'}
  try {
    const record = openRecord(bytes)
    const {id, stream, time, runid, job, seq, subject, data} = record
    const says = wordsOf(record)
    const about = {runid, job, seq, subject, environment: data.environment, outcome: data.outcome, ...(says !== undefined && {says})}
    return {id, key, stream, state: 'whole', time, ...about}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {...unread, state: 'unreadable'}
  }
}

/** An outcome does not tell a revocation from its being taken back. */
function wordsOf(record: EvidenceRecord): string | undefined {
  if (record.stream !== 'revocation') return undefined
  const {detail} = record.data
  return detail.action === 'revoke' ? `revoke: ${detail.reason}` : detail.action
}
