/** Who it is, among those who may approve for an environment, that a key or identity belongs to. */
import {AppError} from '../../errors.ts'
import type {SignerId} from '../../evidence/details.ts'
import {personBehind} from '../../policy/approver.ts'
import type {ApprovalPolicy, Policy} from '../../policy/model.ts'
import {signerText} from '../../policy/signer-text.ts'
import type {Context} from '../../ports/context.ts'
import {environmentPolicy} from '../policy/select-policy.ts'

export interface ApprovingPolicy extends Policy {
  readonly approvals: ApprovalPolicy
}

/** @throws AppError `usage.environment`, `policy.invalid` where the environment asks for no approval */
export async function approvingPolicy(name: string, context: Context): Promise<ApprovingPolicy> {
  const {approvals, ...policy} = await namedPolicy(name, context)
  if (approvals === undefined)
    throw new AppError('policy.invalid', `environment ${name} asks for no approval, so there is nobody whose approval counts`, {
      fix: 'Write `approvals` for the environment: who may approve, each with a key or identity of their own.',
    })
  return {...policy, approvals}
}

/** @throws AppError `usage.environment`, `policy.invalid`, `key.unreadable` */
export async function namedPolicy(name: string, context: Context): Promise<Policy> {
  const {environments} = context.config
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (environment !== undefined) return environmentPolicy(name, environment, context)
  throw new AppError('usage.environment', `there is no environment ${name}; there are: ${Object.keys(environments).join(', ') || 'none'}`, {
    fix: 'Give one of them: --to ENV.',
  })
}

/** @throws AppError `approval.not-approver` */
export function approverOf(signer: SignerId, {name, approvals}: ApprovingPolicy): string {
  const person = personBehind(signer, approvals.by)
  if (person !== undefined) return person
  const named = [...new Set(approvals.by.map((approver) => approver.person))].join(', ')
  throw new AppError('approval.not-approver', `${signerText(signer)} is of nobody who may approve for ${name}; that are: ${named}`)
}
