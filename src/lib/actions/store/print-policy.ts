/**
 * Who may do what in the store, as texts to be reviewed and applied: IAM policies, the bucket's policy, Terraform, and
 * the `writers` of hipaa-ci.yaml. Nothing is asked and nothing is changed.
 */
import {bucketPolicy} from '../../access/bucket-policy.ts'
import {isPrincipal, principalsOf, streamWriters, type Holder, type Principals} from '../../access/principals.ts'
import {rolePolicy} from '../../access/role-policy.ts'
import {isRoleName, ROLE_NAMES, type RoleName} from '../../access/roles.ts'
import {terraformText} from '../../access/terraform.ts'
import {writersBlock} from '../../access/writers-block.ts'
import {AppError, EXIT} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {storePlaces} from './store-places.ts'

export const POLICY_FORMATS = ['iam', 'bucket', 'terraform', 'writers'] as const
export const POLICY_ROLES = ROLE_NAMES
export type PolicyFormat = (typeof POLICY_FORMATS)[number]

export interface PrintPolicyRequest {
  /** Only this role's; default all. */
  readonly role?: RoleName
  /** `ROLE=ARN`, or with `role` an ARN. */
  readonly principals: readonly string[]
  readonly format: PolicyFormat
  /** How long the bucket keeps a new version; default seven. */
  readonly years?: number
}

export interface PrintPolicyResult {
  readonly exitCode: typeof EXIT.ok
  readonly format: PolicyFormat
  /** JSON, HCL or YAML, as it is applied. */
  readonly text: string
  /** What the text does not do. */
  readonly notes: readonly string[]
}

/** @throws AppError `usage.flag`, `store.unsupported` */
export async function printPolicy({role, principals: named, format, years}: PrintPolicyRequest, {config}: Context): Promise<PrintPolicyResult> {
  const principals = principalsOf(holdersFrom(named, role), config.writers)
  const roles = role === undefined ? ROLE_NAMES : [role]
  const done = (text: string, notes: readonly string[] = []) => ({exitCode: EXIT.ok, format, text, notes})
  if (format === 'writers') {
    const {text, unnamed} = writersBlock(principals)
    return done(text, unnamed.length === 0 ? [] : [`nobody is named for ${unnamed.join(', ')}: fill in who has the role, or add --principal ROLE=ARN`])
  }
  const places = storePlaces(config, years)
  if (format === 'terraform') return done(terraformText({...places, principals, roles}), openEnds(principals))
  if (format === 'bucket') return done(json(bucketPolicy({...places, principals})), openEnds(principals))
  const policies = Object.fromEntries(roles.map((name) => [name, rolePolicy(name, places)]))
  const notes = places.copies.length === 0 && roles.includes('anchor') ? ['the anchor has nowhere to copy to: `sealing.copies` names no bucket'] : []
  return done(json(role === undefined ? policies : policies[role]), notes)
}

function holdersFrom(named: readonly string[], role: RoleName | undefined): Map<Holder, readonly string[]> {
  const holders = new Map<Holder, readonly string[]>()
  for (const text of named) {
    const [, name = role, arn = ''] = /^(?:([a-z-]+)=)?(.*)$/s.exec(text) ?? []
    if (name === undefined) throw new AppError('usage.flag', `--principal ${text} does not say for which role`, {fix: 'Write ROLE=ARN, or add --role.'})
    if (!isRoleName(name) && name !== 'break-glass')
      throw new AppError('usage.flag', `${JSON.stringify(name)} is not a role`, {fix: `Roles are: ${[...ROLE_NAMES, 'break-glass'].join(', ')}.`})
    if (!isPrincipal(arn))
      throw new AppError('usage.flag', `${JSON.stringify(arn)} is not the ARN of a principal`, {fix: 'Write it as arn:aws:iam::111122223333:role/NAME.'})
    holders.set(name, [...(holders.get(name) ?? []), arn])
  }
  return holders
}

function openEnds(principals: Principals): string[] {
  const {holders} = principals
  const nobody = (['break-glass', 'extender', 'hold-keeper', 'sealer'] as const).filter((holder) => !holders.has(holder))
  const open = [...streamWriters(principals)].flatMap(([stream, arns]) => (arns.length === 0 ? [stream] : []))
  const says: Readonly<Record<(typeof nobody)[number], string>> = {
    'break-glass': 'nobody is named as break-glass: once it is applied, only the root user of the account can change the policy',
    extender: 'nobody is named as extender: no lock can be made longer',
    'hold-keeper': 'nobody is named as hold-keeper: no hold can be put on or lifted',
    sealer: 'nobody is named as sealer: who may write the log is up to IAM alone',
  }
  return [
    ...nobody.map((holder) => says[holder]),
    ...(open.length === 0 ? [] : [`for ${open.join(', ')} nobody is named as writer: who may write them is up to IAM alone`]),
  ]
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
