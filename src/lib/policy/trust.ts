/** Everybody whose word a policy may want, in one: which of them counts for what is each check's business. */
import type {Trust, TrustedIdentity, TrustedKey} from '../ports/signatures.ts'
import type {Policy} from './model.ts'

/** Where the platform has a policy too, those whom it trusts are among them. */
export function trustOf(policy: Policy): Trust {
  const {trustedRoot, timestampAuthorities, floor} = policy
  const all = floor === undefined ? [policy] : [policy, floor]
  const keys = all.flatMap((each) => each.keys)
  const promotion = all.flatMap((each) => each.promotion ?? [])
  const identities = all.flatMap((each) => each.identities ?? [])
  const approvers = all.flatMap((each) => each.approvals?.by ?? [])
  return {
    keys: uniqueKeys([...keys, ...promotion, ...approvers.flatMap((approver) => ('key' in approver ? [approver.key] : []))]),
    identities: uniqueIdentities([...identities, ...approvers.flatMap((approver) => ('identity' in approver ? [approver.identity] : []))]),
    ...(trustedRoot !== undefined && {trustedRoot}),
    ...(timestampAuthorities !== undefined && {timestampAuthorities}),
  }
}

function uniqueKeys(keys: readonly TrustedKey[]): readonly TrustedKey[] {
  return [...new Map(keys.map(({spki, pem}) => [spki, {spki, pem}])).values()]
}

function uniqueIdentities(identities: readonly TrustedIdentity[]): readonly TrustedIdentity[] {
  return [...new Map(identities.map((one) => [`${one.issuer}\n${one.identity}`, one])).values()]
}
