/**
 * Did the gate pass, under a policy that the environment accepts?
 *
 * The gate's word is not enough: where the environment has limits of its own,
 * the signed vulnerabilities are counted again against them.
 */
import {TEST_RESULT_TYPE, type Statement} from '../../evidence/statement.ts'
import {GatePredicate, readGate, type GateStatement} from '../../predicates/gate.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, newest} from '../select.ts'
import {readScans} from './scan.ts'

const LEVELS = ['critical', 'high', 'medium', 'low'] as const

export function checkGate(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.gate
  if (required === undefined) return {name: 'gate', state: 'not-required', message: 'the policy asks for no gate'}
  // Another test's result is no gate, and must not stand in for one by being newer.
  const found = attestations(TEST_RESULT_TYPE, observation.digest, observation, policy, now).filter(({statement}) => gateOf(statement) !== undefined)
  if (found.length === 0) return {name: 'gate', state: 'missing', reason: 'gate.missing', message: `no signed gate decision on ${observation.digest}`}
  for (const {statement} of newest(found, (statement) => gateOf(statement)?.decidedAt)) {
    const gate = gateOf(statement)
    if (gate?.passed !== true) return {name: 'gate', state: 'failed', reason: 'gate.failed', message: `the gate stopped this image at ${gate?.decidedAt ?? 'an unknown time'}`}
    if (required.policies !== undefined && !required.policies.includes(`sha256:${gate.policy}`))
      return {name: 'gate', state: 'failed', reason: 'gate.failed', message: `the gate ran under limits ${gate.policy.slice(0, 12)}…, which the policy does not accept`}
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
      return {name: 'gate', state: 'failed', reason: 'gate.failed', message: `${count} ${level} vulnerabilities in the signed scan; at most ${limit} are allowed`}
  }
  return undefined
}

function gateOf(statement: Statement): GateStatement | undefined {
  const parsed = GatePredicate.safeParse(statement.predicate)
  return parsed.success ? readGate(parsed.data) : undefined
}
