/**
 * Does a signed exemption count? Only by a person whom the policy names, for exactly this digest, cluster and namespace,
 * within its time, which is no longer than the policy lets it be. Pure.
 */
import type {SignerId} from '../evidence/details.ts'
import {subjectFor, type Statement} from '../evidence/statement.ts'
import {EXEMPTION_TYPE, ExemptionPredicate} from '../predicates/exemption.ts'
import {personBehind} from './approver.ts'
import type {Approver} from './model.ts'

/** Who may break the glass, and for how long at most. */
export interface BreakGlassPolicy {
  readonly by: readonly Approver[]
  readonly maxHours: number
}

export interface ExemptionPlace {
  readonly cluster: string
  readonly namespace: string
  /** `sha256:<hex>` */
  readonly digest: string
}

/** One that counts. */
export interface Exemption extends Omit<ExemptionPredicate, 'cluster' | 'namespace'> {
  /** SHA-256 of the signed statement, hex. */
  readonly statement: string
  /** The signed bundle, JSON: it goes along with the record of each use. */
  readonly bundle: string
}

const HOUR = 3_600_000

/** @returns what it says, or why it does not count, as a sentence without its subject */
export function readExemption(
  {statement, signer}: {readonly statement: Statement; readonly signer: SignerId},
  {cluster, namespace, digest}: ExemptionPlace,
  {by, maxHours}: BreakGlassPolicy,
  now: Date,
): ExemptionPredicate | string {
  if (statement.predicateType !== EXEMPTION_TYPE) return `is none: its predicate type is ${statement.predicateType}`
  const parsed = ExemptionPredicate.safeParse(statement.predicate)
  if (!parsed.success) return `does not fit ${EXEMPTION_TYPE}: ${parsed.error.issues[0]?.path.join('.') || 'predicate'}: ${parsed.error.issues[0]?.message}`
  const said = parsed.data
  const person = personBehind(signer, by)
  if (person === undefined) return 'is signed by nobody who may break the glass'
  if (said.person !== person) return `is in the name of ${said.person}, and signed by ${person}`
  if (subjectFor(statement, digest) === undefined) return `is about another image than ${digest}`
  if (said.cluster !== cluster) return `is for the cluster ${said.cluster}, not for ${cluster}`
  if (said.namespace !== namespace) return `is for the namespace ${said.namespace}, not for ${namespace}`
  const [from, expires] = [Date.parse(said.from), Date.parse(said.expires)]
  if (expires <= from) return `ends at ${said.expires}, before it begins`
  if (expires - from > maxHours * HOUR) return `is for longer than the ${maxHours} hours that the policy allows`
  if (now.getTime() < from) return `begins at ${said.from}`
  return now.getTime() < expires ? said : `ended at ${said.expires}`
}
