/**
 * Have enough of those who may approve said so, each with a key or identity of
 * their own, about this digest and this environment?
 *
 * Persons are compared, never spellings. Whoever wrote the change does not
 * count, and where it is not known who did, nobody is said not to have.
 */
import type {SignerId} from '../../evidence/details.ts'
import {APPROVAL_TYPE, PROVENANCE_TYPE, subjectFor} from '../../evidence/statement.ts'
import {ApprovalPredicate} from '../../predicates/approval.ts'
import {changeAuthors, isDirty} from '../../predicates/provenance.ts'
import {statedAt} from '../as-of.ts'
import {personBehind} from '../approver.ts'
import type {Attached, ApprovalPolicy, Check, Observation, Policy} from '../model.ts'
import {personOf} from '../persons.ts'
import {promotedFrom} from '../promoted-from.ts'
import {attestations, isFuture, newest} from '../select.ts'

export interface Approval {
  readonly person: string
  readonly signer: SignerId
  /** SHA-256 of the bundle, hex. */
  readonly bundle: string
}

export function checkApprovals(observation: Observation, policy: Policy, now: Date): Check {
  const {approvals} = policy
  if (approvals === undefined) return {name: 'approvals', state: 'not-required', message: 'the policy asks for no approval'}
  const given = validApprovals(observation, policy, now)
  const {minimum, notAuthor} = approvals
  if (given.length < minimum)
    return {
      name: 'approvals',
      state: 'missing',
      reason: 'approval.missing',
      message: `${given.length} of ${minimum} approvals for ${policy.name}; ${whoElse(approvals, given)} may approve`,
      fix: `hipaa-ci approve <image> --to ${policy.name} ${own(approvals, 'YOUR')}`,
    }
  const fault = notAuthor ? authorFault(given, approvals, observation, policy, now) : undefined
  if (fault !== undefined) return {name: 'approvals', ...fault}
  const counted = countedApprovals(observation, policy, now)
  return {name: 'approvals', state: 'verified', message: `approved for ${policy.name} by ${counted.map(({person}) => person).join(', ')}`}
}

/** The approvals that count, one a person: without those of whoever wrote the change, where the policy wants that. */
export function countedApprovals(observation: Observation, policy: Policy, now: Date): Approval[] {
  const given = validApprovals(observation, policy, now)
  if (policy.approvals?.notAuthor !== true) return given
  const {persons} = authorsOf(observation, policy, now)
  const known = new Set(policy.persons?.values())
  return given.filter(({person}) => known.has(person) && !persons.has(person))
}

type Fault = Omit<Check, 'name'>

function authorFault(given: readonly Approval[], approvals: ApprovalPolicy, observation: Observation, policy: Policy, now: Date): Fault | undefined {
  const {minimum} = approvals
  const {persons, unresolved, isSaid, dirty} = authorsOf(observation, policy, now)
  const independent = given.filter(({person}) => !persons.has(person))
  const authors = given.filter(({person}) => persons.has(person)).map(({person}) => person)
  if (independent.length < minimum)
    return {
      state: 'failed',
      reason: 'approval.by-author',
      message: `approved for ${policy.name} by ${authors.join(', ')}, who wrote the change; ${independent.length} of ${minimum} approvals are by others`,
      fix: `Let somebody else approve it: hipaa-ci approve <image> --to ${policy.name} ${own(approvals, 'THEIR')}`,
    }
  if (!isSaid) {
    const why = dirty ? 'the tree had uncommitted changes, so its provenance names no authors' : 'no signed provenance says who wrote the change'
    return {state: 'could-not-check', reason: 'approval.no-author', message: why}
  }
  if (unresolved.length > 0)
    return {
      state: 'could-not-check',
      reason: 'approval.unresolved-person',
      message: `${unresolved.join(', ')} wrote the change, and nobody says which person that is`,
    }
  const known = new Set(policy.persons?.values())
  const strangers = independent.filter(({person}) => !known.has(person)).map(({person}) => person)
  if (independent.length - strangers.length < minimum)
    return {
      state: 'could-not-check',
      reason: 'approval.unresolved-person',
      message: `approved by ${strangers.join(', ')}, and nobody says under which names they write`,
    }
  return undefined
}

/** One a person, whatever number of keys they have. Who may attach but not approve cannot help, nor spoil it. */
function validApprovals(observation: Observation, policy: Policy, now: Date): Approval[] {
  const repositories = new Set([observation.repository, ...promotedFrom(observation, policy, now)])
  const found = (observation.attached.get(observation.digest) ?? []).flatMap((item) => {
    if (item.state === 'failed' || item.statement.predicateType !== APPROVAL_TYPE) return []
    const person = personBehind(item.signer, policy.approvals?.by ?? [])
    return person !== undefined && says(item, {observation, repositories, environment: policy.name, now})
      ? [{person, signer: item.signer, bundle: item.bundle}]
      : []
  })
  return [...new Map(found.toReversed().map((approval) => [approval.person, approval])).values()].toReversed()
}

interface Wanted {
  readonly observation: Observation
  readonly repositories: ReadonlySet<string>
  readonly environment: string
  readonly now: Date
}

function says({statement}: Extract<Attached, {state: 'verified'}>, {observation, repositories, environment, now}: Wanted): boolean {
  const parsed = ApprovalPredicate.safeParse(statement.predicate)
  if (!parsed.success || subjectFor(statement, observation.digest) === undefined) return false
  return parsed.data.environment === environment && repositories.has(parsed.data.repository) && !isFuture(parsed.data.approvedOn, now)
}

interface Authors {
  readonly persons: ReadonlySet<string>
  /** Names of whom nobody says which person they are. */
  readonly unresolved: readonly string[]
  readonly isSaid: boolean
  readonly dirty: boolean
}

/**
 * Everybody whom any trusted provenance names: a later statement that names fewer clears nobody. Whether it is said who
 * wrote the change is for the newest to say: an older one may know less than all.
 */
function authorsOf(observation: Observation, policy: Policy, now: Date): Authors {
  const found = attestations(PROVENANCE_TYPE, observation.digest, observation, policy, now)
  const authors = found.flatMap(({statement}) => changeAuthors(statement.predicate) ?? [])
  const latest = newest(found, statedAt)
  const isSaid = latest.length > 0 && latest.every(({statement}) => changeAuthors(statement.predicate) !== undefined)
  const persons = new Set<string>()
  const unresolved = new Set<string>()
  for (const author of authors) {
    const person = personOf(author, policy.persons)
    if (person === undefined) unresolved.add(`${author.id} (${author.issuer})`)
    else persons.add(person)
  }
  return {persons, unresolved: [...unresolved], isSaid, dirty: latest.some(({statement}) => isDirty(statement.predicate))}
}

/** What an approver signs with. Who is known by an identity has it signed elsewhere. */
function own({by}: ApprovalPolicy, whose: 'YOUR' | 'THEIR'): string {
  return by.some((approver) => 'key' in approver) ? `--key file:${whose}.key` : '--bundle approval.sigstore.json'
}

function whoElse({by}: ApprovalPolicy, given: readonly Approval[]): string {
  const done = new Set(given.map(({person}) => person))
  return [...new Set(by.map(({person}) => person))].filter((person) => !done.has(person)).join(', ')
}
