/**
 * What of a text is base64 of more text, in one run or in lines, as it is or gzipped: looked into, and taken out as a
 * whole. Digests and keys decode to bytes that are no text, and stay.
 */
import {constants, gunzipSync} from 'node:zlib'
import {isText} from './is-text.ts'
import type {Hit, Rule} from './rule.ts'

/** Long enough for a Social Security number. */
const RUN = /[A-Za-z0-9+/_-]{15,}={0,2}/g
/** As `base64` and `openssl` break it. */
const LINES = /(?:[A-Za-z0-9+/]{60,76}\r?\n[ \t]{0,16}){1,2000}[A-Za-z0-9+/]{1,76}={0,2}/g
const GZIP = 'H4sI'
const MAX_UNFOLDED = 16 * 1024 * 1024
/** Deeper is a file format, not a slip. */
const MAX_INNER = 64 * 1024

export function base64Hits(text: string, ruleIn: (inner: string) => Rule | undefined): Hit[] {
  const hits: Hit[] = []
  for (const {text: inner, start, end} of base64Texts(text)) {
    const rule = ruleIn(inner)
    if (rule !== undefined) hits.push({rule, start, end, value: text.slice(start, end)})
  }
  return hits
}

export interface InnerText {
  readonly text: string
  readonly start: number
  readonly end: number
}

export function* base64Texts(text: string): Generator<InnerText> {
  for (const pattern of [RUN, LINES])
    for (const {0: run, index: start} of text.matchAll(pattern)) {
      const inner = run.startsWith(GZIP) ? gunzipped(run) : decoded(run)
      if (inner !== undefined) yield {text: inner, start, end: start + run.length}
    }
}

function decoded(run: string): string | undefined {
  // Three letters in three bytes tell most of what is no text.
  if (!isText(Buffer.from(run.slice(0, 16), 'base64'))) return undefined
  const bytes = Buffer.from(run.slice(0, MAX_INNER), 'base64')
  return isText(bytes) ? bytes.toString('utf8') : undefined
}

/** As far as it goes. */
function gunzipped(run: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(run, 'base64'), {maxOutputLength: MAX_UNFOLDED, finishFlush: constants.Z_SYNC_FLUSH}).toString('utf8')
  } catch {
    return undefined
  }
}
