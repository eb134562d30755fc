/** What of a record its chain is checked by, and what may be found. */
import type {ReasonCode} from '../errors.ts'
import type {EvidenceRecord, RecordOf} from './schema.ts'

export type RunDetail = RecordOf<'run'>['data']['detail']

export interface ChainLink {
  readonly key: string
  readonly sha256: string
  readonly id: string
  readonly stream: string
  readonly outcome: string
  readonly runid: string
  readonly job: string
  readonly seq: number
  readonly prevsha256?: string
  /** Of records of the stream `run`. */
  readonly run?: RunDetail
}

/** A record whose bytes do not match its name: the digest there, and its stream. */
export type Damaged = ReadonlyMap<string, {readonly key: string; readonly stream: string}>

export interface EvidenceFinding {
  readonly code: ReasonCode
  /** Of the object that it is about. */
  readonly key: string
  /** One sentence in lower case. */
  readonly message: string
}

export function linkOf(record: EvidenceRecord, key: string, sha256: string): ChainLink {
  const {id, stream, runid, job, seq, prevsha256} = record
  return {
    key,
    sha256,
    id,
    stream,
    outcome: record.data.outcome,
    runid,
    job,
    seq,
    ...(prevsha256 !== undefined && {prevsha256}),
    ...(record.stream === 'run' && {run: record.data.detail}),
  }
}

/** About `link`. */
export function finding(code: ReasonCode, {key}: ChainLink, message: string): EvidenceFinding {
  return {code, key, message}
}
