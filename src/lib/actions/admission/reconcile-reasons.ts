/** What a comparison came to, as reason codes: none is a clean one. */
import type {Difference} from '../../admission/reconciled-difference.ts'
import type {ReasonCode} from '../../errors.ts'

/** About what the cluster asks, not about what runs. */
const LEFT_OUT: ReadonlySet<Difference['reason']> = new Set(['left-out', 'narrowed', 'ignore-labelled'])

/** @param partial what is known in part, where something is */
export function reasonsFor(differences: readonly Difference[], partial: ReasonCode | undefined, unreadable: readonly string[]): readonly ReasonCode[] {
  return [
    ...(differences.some(({open, reason}) => open && !LEFT_OUT.has(reason)) ? (['admission.unverified'] as const) : []),
    ...(differences.some(({open, reason}) => open && LEFT_OUT.has(reason)) ? (['admission.left-out'] as const) : []),
    ...(unreadable.length > 0 ? (['record.altered'] as const) : []),
    ...(partial === undefined ? [] : [partial]),
  ]
}

/** Whoever looks again later finds them; whoever does not must not have been told that all was well. @returns a sentence, or nothing */
export function tooYoung(differences: readonly Difference[]): readonly string[] {
  const young = differences.filter(({causes}) => causes?.includes('just-created')).length
  return young > 0 ? [`${young} ${young === 1 ? 'pod is' : 'pods are'} so young that the records may still be on their way to the store`] : []
}
