/** Asks a policy by meaning, as S3 would: may these requests be made? Only the operators that our policies use. */
import assert from 'node:assert/strict'
import type {PolicyDocument, Statement} from '../../../src/lib/access/policy-document.ts'

export interface Asked {
  readonly action: string
  readonly resource: string
  /** By condition key; absent ones are not in the request. */
  readonly with?: Readonly<Record<string, string>>
}

/** Sids of the statements that deny it. */
export function denials(policy: PolicyDocument, asked: Asked): string[] {
  return policy.Statement.filter(({Effect}) => Effect === 'Deny').flatMap((statement) => (fits(statement, asked) ? [statement.Sid] : []))
}

export function isAllowed(policy: PolicyDocument, asked: Asked): boolean {
  return policy.Statement.some((statement) => statement.Effect === 'Allow' && fits(statement, asked))
}

function fits({Action, Resource, Condition = {}}: Statement, {action, resource, with: context = {}}: Asked): boolean {
  if (!Action.some((one) => like(one, action)) || !Resource.some((one) => like(one, resource))) return false
  return Object.entries(Condition).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], [wanted].flat())))
}

function holds(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  const [first = ''] = wanted
  switch (operator) {
    case 'Null':
      return (value === undefined) === (first === 'true')
    case 'Bool':
    case 'StringEquals':
      return value !== undefined && wanted.includes(value)
    case 'StringLike':
      return value !== undefined && wanted.some((one) => like(one, value))
    case 'StringNotEquals':
      return value === undefined || !wanted.includes(value)
    case 'StringNotEqualsIfExists':
      return value !== undefined && !wanted.includes(value)
    case 'ArnNotLike':
      return value === undefined || !wanted.some((one) => like(one, value))
    case 'NumericLessThan':
      return value !== undefined && Number(value) < Number(first)
    case 'NumericLessThanEquals':
      return value !== undefined && Number(value) <= Number(first)
    case 'NumericGreaterThan':
      return value !== undefined && Number(value) > Number(first)
    default:
      return assert.fail(`the test does not know the operator ${operator}`)
  }
}

function like(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')
  return new RegExp(`^${source}$`).test(text)
}
