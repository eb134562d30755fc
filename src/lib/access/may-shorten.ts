/**
 * Who a bucket's policy does not keep from removing, hiding or unlocking evidence. Pure.
 *
 * What a policy text cannot say: whom IAM allows it, in this account and in others. `*` therefore means: everybody whom
 * IAM allows. Only what is surely denied counts: a condition that is not about who asks is taken for none.
 */
import type {S3Address} from '../evidence/store-address.ts'
import {bucketArn, keyArn} from './policy-document.ts'

/** What takes evidence away, hides it, or lets it be taken away. */
export const SHORTENING = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:BypassGovernanceRetention',
  's3:PutLifecycleConfiguration',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketPolicy',
  's3:DeleteBucketPolicy',
] as const

export interface Loophole {
  readonly action: (typeof SHORTENING)[number]
  /** Sorted; `*` is everybody whom IAM allows. */
  readonly principals: readonly string[]
}

const OF_BUCKET: ReadonlySet<string> = new Set([
  's3:PutLifecycleConfiguration',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketPolicy',
  's3:DeleteBucketPolicy',
])
const EXCEPTING: ReadonlySet<string> = new Set(['ArnNotLike', 'ArnNotEquals', 'StringNotLike', 'StringNotEquals'])

/** @param policy JSON of a bucket policy; undefined where there is none. What is no JSON denies nothing. */
export function mayShorten(policy: string | undefined, store: S3Address): Loophole[] {
  const statements = policy === undefined ? [] : statementsOf(policy)
  return SHORTENING.flatMap((action) => {
    const resource = OF_BUCKET.has(action) ? bucketArn(store) : keyArn(store, '*')
    const exceptions = statements.flatMap((statement) => exceptionsOf(statement, action, resource))
    // Each denial leaves out its own: only who is left out by all of them is free.
    const left = exceptions.reduce<readonly string[] | undefined>((rest, own) => (rest === undefined ? own : common(rest, own)), undefined)
    const principals = left === undefined ? ['*'] : left.toSorted()
    return principals.length === 0 ? [] : [{action, principals}]
  })
}

/** Of two lists of patterns what stands for somebody in both: too many rather than too few. */
function common(some: readonly string[], others: readonly string[]): string[] {
  // The narrower name says more: `role/*` says nothing beside `role/emergency`.
  const both = [...new Set([...some.filter((one) => meetsAny(one, others)), ...others.filter((one) => meetsAny(one, some))])]
  return both.filter((one) => !both.some((other) => other !== one && like(one, other) && !like(other, one)))
}

function meetsAny(one: string, others: readonly string[]): boolean {
  return others.some((other) => mayMeet(one, other))
}

/** False only where no name fits both. A policy variable may be anything. */
function mayMeet(one: string, other: string): boolean {
  if ([one, other].some((text) => text.includes('${'))) return true
  const [[start, end], [otherStart, otherEnd]] = [endsOf(one), endsOf(other)]
  if (!isPattern(one)) return like(other, one)
  if (!isPattern(other)) return like(one, other)
  return agree(start, otherStart) && agree(reversed(end), reversed(otherEnd))
}

function agree(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a)
}

/** What a name has to begin and end with. */
function endsOf(pattern: string): readonly [string, string] {
  return [/^[^*?]*/.exec(pattern)?.[0] ?? '', /[^*?]*$/.exec(pattern)?.[0] ?? '']
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text)
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join('')
}

interface Denial {
  readonly [name: string]: unknown
}

function statementsOf(policy: string): Denial[] {
  try {
    const value: unknown = JSON.parse(policy)
    return listOf(isObject(value) ? value['Statement'] : []).filter(isObject)
  } catch {
    return []
  }
}

/** Whom a denial of `action` leaves out; nothing where the statement does not deny it for everybody else. */
function exceptionsOf(statement: Denial, action: string, resource: string): string[][] {
  const denies = statement['Effect'] === 'Deny' && isEverybody(statement['Principal'])
  const covers = textsOf(statement['Action']).some((one) => like(one.toLowerCase(), action.toLowerCase()))
  if (!denies || !covers || !textsOf(statement['Resource']).some((one) => like(one, resource))) return []
  const condition = statement['Condition']
  if (condition === undefined) return [[]]
  const excepted = isObject(condition) ? Object.entries(condition) : []
  const [first, ...others] = excepted
  if (first === undefined || others.length > 0 || !EXCEPTING.has(first[0]) || !isObject(first[1])) return []
  const keys = Object.entries(first[1])
  return keys.length === 1 && keys[0]?.[0].toLowerCase() === 'aws:principalarn' ? [textsOf(keys[0][1])] : []
}

function isEverybody(principal: unknown): boolean {
  return principal === '*' || (isObject(principal) && textsOf(principal['AWS']).includes('*'))
}

/** Does `pattern` fit all that `text`, itself a pattern or a name, stands for? In linear steps: the policy is somebody else's text. */
function like(pattern: string, text: string): boolean {
  let [at, star, mark] = [0, -1, 0]
  for (let index = 0; index < text.length;) {
    const wanted = pattern[at]
    if (wanted === '*') [star, mark, at] = [at, index, at + 1]
    else if (wanted !== undefined && (wanted === text[index] || (wanted === '?' && text[index] !== '*'))) [at, index] = [at + 1, index + 1]
    else if (star >= 0) [mark, index, at] = [mark + 1, mark + 1, star + 1]
    else return false
  }
  return /^\**$/.test(pattern.slice(at))
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((one) => typeof one === 'string')
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function isObject(value: unknown): value is Denial {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
