/**
 * The gate's decision as a test-result predicate v0.1 (in-toto/attestation, spec/predicates/test-result.md).
 *
 * Our producer writes this type for the gate only. The policy, the time and the
 * code scan stand in `configuration` as resource descriptors.
 */
import {z} from 'zod'
import type {GateReason} from '../evidence/details.ts'
import type {ToolRecord} from '../evidence/schema.ts'

const GATE = 'hipaa-ci-gate'

export interface GatePredicateInput {
  readonly decision: 'pass' | 'fail' | 'could-not-check'
  /** SHA-256 of the canonical limits. */
  readonly policy: string
  readonly decidedAt: string
  readonly reasons: readonly GateReason[]
  /** Every scanner that took part. */
  readonly tools: readonly ToolRecord[]
  /** The gate's evidence record, where there is one. */
  readonly record?: {readonly id: string; readonly sha256: string}
}

/** `could-not-check` is FAILED: a test that could not run has not passed. */
export function gatePredicate(input: GatePredicateInput): unknown {
  const failed = input.reasons.map(({code, kind, severity}) => [code, kind, severity].filter((part) => part !== undefined).join('/'))
  return {
    result: input.decision === 'pass' ? 'PASSED' : 'FAILED',
    configuration: [
      {
        name: GATE,
        uri: input.record === undefined ? 'urn:hipaa-ci:gate' : `urn:hipaa-ci:record:${input.record.id}`,
        digest: {sha256: input.policy},
        annotations: {decidedAt: input.decidedAt, decision: input.decision, ...(input.record !== undefined && {record: input.record.sha256})},
      },
      ...input.tools.map((tool) => ({name: tool.name, digest: {sha256: tool.sha256}, annotations: {version: tool.version}})),
    ],
    passedTests: input.decision === 'pass' ? ['gate'] : [],
    warnedTests: [],
    failedTests: [...new Set(failed)],
  }
}

const GateConfiguration = z.looseObject({
  name: z.literal(GATE),
  digest: z.looseObject({sha256: z.string().regex(/^[0-9a-f]{64}$/)}),
  annotations: z.looseObject({decidedAt: z.iso.datetime({offset: true})}),
})

const TestResult = z.looseObject({
  result: z.enum(['PASSED', 'WARNED', 'FAILED']),
  configuration: z.array(z.looseObject({name: z.string().optional()})),
})

export interface GateStatement {
  readonly passed: boolean
  /** SHA-256 of the canonical limits. */
  readonly policy: string
  readonly decidedAt: string
}

/** What a test-result predicate says of the gate. What cannot be read is not some other test: it may have been a refusal. */
export function readGate(predicate: unknown): GateStatement | 'other-test' | 'unreadable' {
  const parsed = TestResult.safeParse(predicate)
  if (!parsed.success) return 'unreadable'
  const named = parsed.data.configuration.filter(({name}) => name === GATE)
  if (named.length === 0) return 'other-test'
  const gate = GateConfiguration.safeParse(named[0])
  if (named.length > 1 || !gate.success) return 'unreadable'
  return {passed: parsed.data.result === 'PASSED', policy: gate.data.digest.sha256, decidedAt: gate.data.annotations.decidedAt}
}
