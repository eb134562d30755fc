/** What of a text is base64 of more text: looked into, and taken out as a whole. Digests and keys decode to bytes that are no text, and stay. */
import type {Hit, Rule} from './rule.ts'

/** Long enough for a Social Security number. */
const RUN = /[A-Za-z0-9+/_-]{15,}={0,2}/g
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
  for (const {0: run, index: start} of text.matchAll(RUN)) {
    // Three letters in three bytes tell most of what is no text.
    if (!isPrintable(Buffer.from(run.slice(0, 16), 'base64'))) continue
    const bytes = Buffer.from(run.slice(0, MAX_INNER), 'base64')
    if (isPrintable(bytes)) yield {text: bytes.toString('latin1'), start, end: start + run.length}
  }
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09)
}
