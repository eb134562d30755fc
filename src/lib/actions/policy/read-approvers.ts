/**
 * Who may approve, and who may promote, with their keys read and held against their pins.
 *
 * Duties that are to be apart must not meet in one key: neither the key that
 * signs builds nor the one that promotes them may approve, and the key that
 * promotes signs nothing else. One name at its issuer is one person.
 */
import type {ApproverPin, Environment} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {ApprovalPolicy, Approver} from '../../policy/model.ts'
import {personOf, type Persons} from '../../policy/persons.ts'
import type {TrustedKey} from '../../ports/signatures.ts'
import type {PolicyFiles} from './pinned-file.ts'
import {pinnedKey} from './pinned-key.ts'

/** Undefined where the environment asks for none. @throws AppError `policy.invalid`, `key.unreadable` */
export async function readApprovals(
  name: string,
  environment: Environment,
  persons: Persons | undefined,
  context: PolicyFiles,
): Promise<ApprovalPolicy | undefined> {
  const {approvals} = environment
  if (approvals === undefined) return undefined
  const duties = [...signingPins(environment), ...(environment.promotion === undefined ? [] : [environment.promotion.spki])]
  for (const pin of approvals.by) {
    refuseTwoPersons(name, pin, approvals.by)
    if ('spki' in pin && duties.includes(pin.spki))
      throw new AppError('policy.invalid', `in environment ${name} the key ${pin.spki} of ${pin.person} also signs or promotes what it would approve`)
    const known = 'identity' in pin ? personOf({issuer: pin.issuer, id: pin.identity}, persons) : undefined
    if (known !== undefined && known !== pin.person)
      throw new AppError('policy.invalid', `in environment ${name} ${pin.person} approves, but the file of \`identities\` says that this identity is ${known}`)
  }
  const by = await Promise.all(approvals.by.map(async (pin) => readApprover(name, pin, context)))
  const people = new Set(by.map(({person}) => person)).size
  if (people < approvals.minimum)
    throw new AppError(
      'policy.invalid',
      `environment ${name} asks for ${approvals.minimum} approvals, and lets ${people} ${people === 1 ? 'person' : 'persons'} give them`,
    )
  return {minimum: approvals.minimum, notAuthor: approvals['not-author'], by}
}

/** Undefined where nothing is promoted into the environment. @throws AppError `policy.invalid`, `key.unreadable` */
export async function readPromotion(name: string, environment: Environment, context: PolicyFiles): Promise<TrustedKey | undefined> {
  const {promotion} = environment
  if (promotion === undefined) return undefined
  if (signingPins(environment).includes(promotion.spki))
    throw new AppError(
      'policy.invalid',
      `in environment ${name} the key ${promotion.spki} both signs builds and promotes them, so whoever builds could go round the promotion`,
    )
  return pinnedKey(`environments.${name}.promotion`, promotion, context)
}

function signingPins({requires}: Environment): string[] {
  return (requires?.signature?.keys ?? []).map(({spki}) => spki)
}

async function readApprover(name: string, pin: ApproverPin, context: PolicyFiles): Promise<Approver> {
  if ('spki' in pin) return {person: pin.person, key: await pinnedKey(`environments.${name}.approvals.by (${pin.person})`, pin, context)}
  return {person: pin.person, identity: {issuer: pin.issuer, identity: pin.identity}}
}

function refuseTwoPersons(name: string, pin: ApproverPin, all: readonly ApproverPin[]): void {
  const other = all.find((each) => each.person !== pin.person && nameOf(each) === nameOf(pin))
  if (other !== undefined) throw new AppError('policy.invalid', `in environment ${name} ${pin.person} and ${other.person} would approve as one: ${nameOf(pin)}`)
}

function nameOf(pin: ApproverPin): string {
  return 'spki' in pin ? pin.spki : `${pin.identity} (${pin.issuer})`
}
