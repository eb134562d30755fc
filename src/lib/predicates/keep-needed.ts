/** Lets go of what no verdict looks at: an SBOM of 50 MB need not be held while the others are read. */
import {SPDX_TYPE, type Statement} from '../evidence/statement.ts'
import {SpdxPredicate} from './spdx.ts'

/** The same statement, for every question that a verdict asks of it. */
export function keepNeeded(statement: Statement): Statement {
  return statement.predicateType === SPDX_TYPE ? {...statement, predicate: outline(statement.predicate)} : statement
}

/** What is no SPDX document stays none. */
function outline(predicate: unknown): unknown {
  const parsed = SpdxPredicate.safeParse(predicate)
  if (!parsed.success) return undefined
  const {spdxVersion, creationInfo} = parsed.data
  return {spdxVersion, creationInfo: {created: creationInfo.created}, packages: []}
}
