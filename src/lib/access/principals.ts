/**
 * Who has which role: ARNs, by role or by the `writers` of hipaa-ci.yaml.
 *
 * A role that was assumed has two names: `arn:aws:iam::N:role/PATH/NAME` where a policy asks (`aws:PrincipalArn`), and
 * `arn:aws:sts::N:assumed-role/NAME/SESSION`, without its path, where CloudTrail tells.
 */
import {STREAMS, type Stream} from '../evidence/streams.ts'
import {ROLES, type RoleName} from './roles.ts'

/** Some principals, and streams that they may write. */
export interface Grant {
  readonly principals: readonly string[]
  readonly streams: readonly Stream[]
}

/** `break-glass` is no role: it may change the bucket's policy, and nothing else is taken from it by that policy. */
export type Holder = RoleName | 'break-glass'

export interface Principals {
  /** Who may write which streams; none where nobody was named. */
  readonly grants: readonly Grant[]
  readonly holders: ReadonlyMap<Holder, readonly string[]>
}

const ARN = /^arn:aws[a-z-]*:(?:iam|sts)::(?:\d{12}|\*):\S+$/
const ASSUMED = /^(arn:aws[a-z-]*):sts::(\d{12}|\*):assumed-role\/([^/]+)(?:\/.*)?$/
const ROLE = /^(arn:aws[a-z-]*):iam::(\d{12}|\*):role\/(?:.*\/)?([^/]+)$/

export function isPrincipal(text: string): boolean {
  return ARN.test(text)
}

/** @param writers of hipaa-ci.yaml */
export function principalsOf(holders: Principals['holders'], writers: Readonly<Record<string, Grant>> = {}): Principals {
  const own = [...holders].flatMap(([holder, principals]) => (holder === 'break-glass' ? [] : [{principals, streams: ROLES[holder].writes}]))
  return {grants: [...Object.values(writers), ...own].filter(({streams}) => streams.length > 0), holders}
}

/** As `aws:PrincipalArn` has it; a role that was assumed may have any path. */
export function policyArns(arn: string): string[] {
  const [, start, account, name] = ASSUMED.exec(arn) ?? []
  return start === undefined ? [arn] : [`${start}:iam::${account}:role/${name}`, `${start}:iam::${account}:role/*/${name}`]
}

/** As CloudTrail tells it. */
export function eventArn(arn: string): string {
  const [, start, account, name] = ROLE.exec(arn) ?? []
  return start === undefined ? arn : `${start}:sts::${account}:assumed-role/${name}/*`
}

/** Of each stream who may write it, by `aws:PrincipalArn`, sorted. */
export function streamWriters({grants}: Principals): Map<Stream, readonly string[]> {
  return new Map(STREAMS.map((stream) => [stream, unique(grants.filter(({streams}) => streams.includes(stream)).flatMap(({principals}) => principals))]))
}

/** @returns as `aws:PrincipalArn` has them */
export function holdersOf({holders}: Principals, holder: Holder): string[] {
  return unique(holders.get(holder) ?? [])
}

function unique(arns: readonly string[]): string[] {
  return [...new Set(arns.flatMap(policyArns))].toSorted()
}
