/** Findings as a table: those that stop an image, and those that do not. Pure. */
import {bySeverity, distinctFindings, type Finding} from '../../evidence/finding.ts'
import {printable} from './printable.ts'
import {textTable} from './text-table.ts'

/** The first `shown` of `findings`, and how many more there are. */
export function findingsTable(findings: readonly Finding[], shown: number, width: number): string[] {
  if (findings.length === 0) return []
  const rows = findings
    .slice(0, shown)
    .map((finding) => [finding.severity, finding.id, what(finding), finding.fixed_version ?? '-', where(finding)].map(printable))
  const rest = findings.length > shown ? [`and ${findings.length - shown} more: --json has them all`] : []
  return [textTable(['SEVERITY', 'WHAT', 'IN', 'FIXED IN', 'WHERE'], rows, width), ...rest, '']
}

/** Found, but stopping nothing; each once, worst first. */
export function findingsWithin(findings: readonly Finding[], stopping: readonly Finding[]): Finding[] {
  const over = new Set(stopping.map((finding) => key(finding)))
  return distinctFindings(findings)
    .filter((finding) => !over.has(key(finding)))
    .toSorted(bySeverity)
}

function key({kind, fingerprint}: Finding): string {
  return `${kind} ${fingerprint}`
}

function what({package: found, title, kind}: Finding): string {
  return found === undefined ? (title ?? kind) : `${found.name} ${found.version ?? ''}`.trim()
}

function where({location, platform}: Finding): string {
  if (location !== undefined) return `${location.path}${location.line === undefined ? '' : `:${location.line}`}`
  return platform === undefined ? '-' : 'system package'
}
