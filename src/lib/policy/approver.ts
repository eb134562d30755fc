/** Which of those who may approve a key or identity belongs to. Pure. */
import type {SignerId} from '../evidence/details.ts'
import type {Approver} from './model.ts'

/** The person; undefined where it is nobody's. */
export function personBehind(signer: SignerId, by: readonly Approver[]): string | undefined {
  return by.find((approver) =>
    'spki' in signer
      ? 'key' in approver && approver.key.spki === signer.spki
      : 'identity' in approver && approver.identity.issuer === signer.issuer && approver.identity.identity === signer.identity,
  )?.person
}
