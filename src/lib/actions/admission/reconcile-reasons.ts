/** What a comparison came to, as reason codes: none is a clean one. */
import type {Difference} from '../../admission/reconciled-difference.ts'
import type {ReasonCode} from '../../errors.ts'

/** @param partial what is known in part, where something is */
export function reasonsFor(differences: readonly Difference[], partial: ReasonCode | undefined, unreadable: readonly string[]): readonly ReasonCode[] {
  return [
    ...(differences.some(({open}) => open) ? (['admission.unverified'] as const) : []),
    ...(unreadable.length > 0 ? (['record.altered'] as const) : []),
    ...(partial === undefined ? [] : [partial]),
  ]
}
