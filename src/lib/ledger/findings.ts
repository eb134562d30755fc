/** What a verification finds, in the order in which it was found; a code about a key is said once. Pure. */
import {EXIT, REASONS, worstExit, type ExitCode} from '../errors.ts'
import type {EvidenceFinding} from '../evidence/chain-link.ts'

export interface Findings {
  add(...found: readonly (EvidenceFinding | undefined)[]): void
  readonly all: readonly EvidenceFinding[]
}

export function createFindings(): Findings {
  const all: EvidenceFinding[] = []
  const seen = new Set<string>()
  return {
    all,
    add(...found) {
      for (const one of found) {
        if (one === undefined || seen.has(`${one.code} ${one.key}`)) continue
        // Chains say several things of one key.
        if (!one.code.startsWith('run.') && !one.code.startsWith('chain.')) seen.add(`${one.code} ${one.key}`)
        all.push(one)
      }
    },
  }
}

/** What was tampered with comes before everything, also before a failed verdict. */
export function exitOf(findings: readonly EvidenceFinding[]): ExitCode {
  const codes = findings.map(({code}) => REASONS[code].exit)
  return codes.includes(EXIT.evidence) ? EXIT.evidence : worstExit(codes)
}
