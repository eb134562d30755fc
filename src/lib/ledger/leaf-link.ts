/** What a leaf tells of its record's place in a run. */
import type {ChainLink, RunDetail} from '../evidence/chain-link.ts'
import {parseRecordKey} from '../evidence/key.ts'
import type {Leaf} from './leaf.ts'

/** Undefined where the record could not be read. @param run read from the record, where the leaf says `too-large` */
export function leafLink({key, sha256, stream, told}: Leaf, run?: RunDetail): ChainLink | undefined {
  if (told === undefined) return undefined
  const {runid, job, seq, prevsha256, outcome} = told
  const detail = told.run === 'too-large' ? run : told.run
  return {
    key,
    sha256,
    id: parseRecordKey(key)?.id ?? '',
    stream,
    outcome,
    runid,
    job,
    seq,
    ...(prevsha256 !== undefined && {prevsha256}),
    ...(detail !== undefined && {run: detail}),
  }
}
