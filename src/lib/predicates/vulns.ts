/**
 * Vulnerabilities predicate v0.2 (in-toto/attestation, spec/predicates/vulns_02.md): built from a scan, read back by a verdict.
 */
import {z} from 'zod'
import type {Counts, Severity} from '../evidence/primitives.ts'
import type {ToolRecord} from '../evidence/schema.ts'

export interface VulnsInput {
  /** The scanner, with its database. */
  readonly tool: ToolRecord
  readonly findings: readonly {readonly id: string; readonly severity: Severity; readonly purl?: string}[]
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly finishedAt: string
}

/** Under this method stands the level that the gate counts: critical, high, medium, low or unknown. */
const LEVEL = 'level'

export function vulnsPredicate({tool, findings, startedAt, finishedAt}: VulnsInput): unknown {
  return {
    scanner: {
      uri: `pkg:generic/${tool.name}@${tool.version}?checksum=sha256:${tool.sha256}`,
      version: tool.version,
      db: {
        uri: `urn:hipaa-ci:database:${tool.name}`,
        version: `sha256:${tool.database?.sha256 ?? ''}`,
        lastUpdate: tool.database?.updated_at,
      },
      result: findings.map(({id, severity, purl}) => ({
        id,
        severity: [{method: LEVEL, score: severity}],
        ...(purl !== undefined && {annotations: [{purl}]}),
      })),
    },
    metadata: {scanStartedOn: startedAt, scanFinishedOn: finishedAt},
  }
}

export const VulnsPredicate = z.looseObject({
  scanner: z.looseObject({
    uri: z.string(),
    version: z.string().optional(),
    db: z.looseObject({lastUpdate: z.iso.datetime({offset: true})}),
    result: z.array(z.looseObject({id: z.string(), severity: z.array(z.looseObject({method: z.string(), score: z.string()})).min(1)})),
  }),
  metadata: z.looseObject({scanFinishedOn: z.iso.datetime({offset: true})}),
})
export type VulnsPredicate = z.infer<typeof VulnsPredicate>

const LEVELS = ['critical', 'high', 'medium', 'low', 'unknown'] as const

/**
 * Counted again from what was signed. A level that is not one of ours, or none,
 * counts as critical, and of several the worst: no word must lower the sum.
 */
export function countVulns(predicate: VulnsPredicate): Counts {
  const counts: Partial<Record<Severity, number>> = {}
  for (const {severity} of predicate.scanner.result) {
    const scores = severity.filter(({method}) => method === LEVEL).map(({score}) => score)
    const known = scores.every((score) => LEVELS.some((level) => level === score))
    const level = (known ? LEVELS.find((name) => scores.includes(name)) : undefined) ?? 'critical'
    counts[level] = (counts[level] ?? 0) + 1
  }
  return counts
}
