/**
 * Trivy's log: what it gave up on is said there and nowhere else. Pure.
 *
 * A line is `time<TAB>LEVEL<TAB>[part] message<TAB>key="value" …`. Only the
 * message and `file_path` are kept: other values may quote the file.
 */
import type {ScanKind, Unscanned} from '../evidence/details.ts'
import {clipPath} from '../evidence/finding.ts'

export interface TrivyLog {
  /** By the kind of scan that it leaves incomplete. */
  readonly unscanned: readonly (Unscanned & {readonly kind: ScanKind})[]
  /** The rest of its warnings, each once. */
  readonly warnings: readonly string[]
}

/** Without a downloaded bundle the checks inside the binary are used, which is what we want. */
const EXPECTED = '[misconfig] Falling back to embedded checks'

export function readTrivyLog(stderr: string): TrivyLog {
  const lines = stderr.split('\n').map((line) => line.split('\t'))
  const complaints = lines.filter(([, level, message]) => level !== undefined && LEVELS.has(level) && message !== EXPECTED)
  const lost = complaints.filter(([, level, message]) => level !== 'WARN' || /\bskipping\b/i.test(message ?? ''))
  const warnings = complaints.filter((line) => !lost.includes(line)).map(([, , message]) => message ?? '')
  const unscanned = lost.map(([, , message = '', values = '']) => ({
    kind: kindOf(message),
    what: clipPath(/file_path="([^"]+)"/.exec(values)?.[1] ?? message).slice(-256),
    reason: values.includes('file_path=') ? 'trivy.parse-failed' : 'trivy.error',
  }))
  return {unscanned: distinct(unscanned), warnings: [...new Set(warnings)]}
}

const LEVELS: ReadonlySet<string> = new Set(['WARN', 'ERROR', 'FATAL'])

function kindOf(message: string): ScanKind {
  const part = /^\[([^\]]+)\]/.exec(message)?.[1] ?? ''
  if (part === 'secret') return 'secret'
  return part === 'misconfig' || / (?:parser|scanner)$/.test(part) ? 'misconfiguration' : 'vulnerability'
}

/** A file is complained of once per attempt. */
function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}
