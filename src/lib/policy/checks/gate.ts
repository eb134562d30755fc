/**
 * Did the gate pass, under a policy that the environment accepts?
 *
 * The gate's word is not enough: where the environment has limits of its own,
 * the signed vulnerabilities are counted again against them.
 */
import {TEST_RESULT_TYPE, type Statement} from '../../evidence/statement.ts'
import {readGate} from '../../predicates/gate.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, isFuture, newest} from '../select.ts'
import {readScans} from './scan.ts'

const LEVELS = ['critical', 'high', 'medium', 'low'] as const

export function checkGate(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.gate
  if (required === undefined) return {name: 'gate', state: 'not-required', message: 'the policy asks for no gate'}
  const {digest} = observation
  // Another test's result is no gate, and must not stand in for one by being newer.
  const found = attestations(TEST_RESULT_TYPE, digest, observation, policy, now).filter(({statement}) => readGate(statement.predicate) !== 'other-test')
  if (found.length === 0) return {name: 'gate', state: 'missing', reason: 'gate.missing', message: `no signed gate decision on ${digest}`}
  for (const {statement} of newest(found, decidedAt)) {
    const gate = readGate(statement.predicate)
    if (typeof gate === 'string') return {name: 'gate', state: 'failed', reason: 'attestation.invalid', message: 'a signed gate decision cannot be read'}
    if (isFuture(gate.decidedAt, now))
      return {name: 'gate', state: 'failed', reason: 'attestation.invalid', message: `the gate says that it decided in the future, at ${gate.decidedAt}`}
    if (!gate.passed) return {name: 'gate', state: 'failed', reason: 'gate.failed', message: `the gate stopped this image at ${gate.decidedAt}`}
    if (required.policies !== undefined && !required.policies.includes(`sha256:${gate.policy}`))
      return {
        name: 'gate',
        state: 'failed',
        reason: 'gate.failed',
        message: `the gate ran under limits ${gate.policy.slice(0, 12)}…, which the policy does not accept`,
      }
  }
  return recount(observation, policy, now) ?? {name: 'gate', state: 'verified', message: 'passed'}
}

function recount(observation: Observation, policy: Policy, now: Date): Check | undefined {
  const max = policy.requires?.gate?.max
  if (max === undefined) return undefined
  const scans = readScans(observation, policy, now)
  if ('name' in scans) return {...scans, name: 'gate'}
  for (const level of LEVELS) {
    const limit = max[level]
    const count = Math.max(...scans.map(({counts}) => counts[level] ?? 0))
    if (limit !== undefined && count > limit)
      return {
        name: 'gate',
        state: 'failed',
        reason: 'gate.failed',
        message: `${count} ${level} vulnerabilities in the signed scan; at most ${limit} are allowed`,
      }
  }
  return undefined
}

function decidedAt({predicate}: Statement): string | undefined {
  const gate = readGate(predicate)
  return typeof gate === 'string' ? undefined : gate.decidedAt
}
