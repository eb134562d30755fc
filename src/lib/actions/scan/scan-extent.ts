/** How much of a kind was looked at: a kind that nobody looked at has nothing found, and is not clean. Pure. */
import type {ScanOutcome} from '../../policy/gate.ts'
import type {AdvisoryDatabase} from '../../ports/scanners.ts'
import type {CodeScan} from './scan-code.ts'
import type {PartScan} from './scan-part.ts'

/** `part`: something was, and not all of it; the gaps need not be ones that the gate minds. */
export type Extent = 'whole' | 'part' | 'nothing'

export interface Looks {
  readonly parts: readonly PartScan[]
  readonly code: CodeScan | undefined
  readonly database: AdvisoryDatabase
  /** Platforms that the configuration leaves out. */
  readonly leftOut: readonly string[]
}

export function extentOf({kind, unscanned}: ScanOutcome, looks: Looks): Extent {
  const {parts, code, leftOut} = looks
  if (kind === 'code') return code === undefined || code.files === 0 ? 'nothing' : unscanned.length > 0 ? 'part' : 'whole'
  if (!parts.some(({looked}) => looked.includes(kind)) || (kind === 'vulnerability' && knowsNothing(looks))) return 'nothing'
  const uncovered = kind === 'vulnerability' && parts.some((part) => part.uncovered.length > 0)
  return unscanned.length > 0 || leftOut.length > 0 || uncovered ? 'part' : 'whole'
}

/** An empty database answers, and finds nothing anywhere. */
function knowsNothing({database: {vulnerabilities}}: Looks): boolean {
  return vulnerabilities === undefined || vulnerabilities.sources.length === 0
}
