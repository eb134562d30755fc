/**
 * Semgrep's matches as findings. Pure: the files that have matches are handed in.
 *
 * A fingerprint is made from the matched text without its white space, so that
 * it outlives a shift of lines and a reformatting; the text itself is not kept.
 */
import {AppError} from '../errors.ts'
import {clip, clipPath, fingerprint, toCode, type Finding} from '../evidence/finding.ts'
import type {SemgrepMatch} from './semgrep-report.ts'

/**
 * @param sources bytes by path, one for each path that has a match
 * @throws AppError `tool.output` where a match lies outside its file: the file changed under the scan
 */
export function semgrepFindings(matches: readonly SemgrepMatch[], sources: ReadonlyMap<string, Uint8Array>): Finding[] {
  const seen = new Map<string, number>()
  return matches
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.start - b.start))
    .map((match) => {
      const slice = sliceOf(match, sources.get(match.path))
      const key = JSON.stringify([match.rule, match.path, slice])
      const occurrence = seen.get(key) ?? 0
      seen.set(key, occurrence + 1)
      const title = clip(match.title, 200)
      return {
        kind: 'code',
        id: toCode(match.rule),
        fingerprint: fingerprint('code', match.rule, match.path, slice, String(occurrence)),
        severity: match.severity,
        severity_source: 'semgrep',
        location: {path: clipPath(match.path), line: match.line},
        ...(title !== undefined && {title}),
      }
    })
}

function sliceOf({path, start, end}: SemgrepMatch, bytes: Uint8Array | undefined): string {
  if (bytes === undefined || end > bytes.byteLength || start > end) {
    throw new AppError('tool.output', `semgrep names bytes ${start} to ${end} of ${path}, which are not there`)
  }
  return Buffer.from(bytes.subarray(start, end)).toString('utf8').replaceAll(/\s+/g, ' ').trim()
}
