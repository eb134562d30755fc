/** What the record of one judged image says. Somebody else's text is cut to what a record holds, with a digest of the whole. */
import type {DetailOf} from '../evidence/schema.ts'
import type {TriedSignature} from '../policy/checks/signature.ts'
import type {ImageVerdict} from './image-verdict.ts'
import type {PodAsk} from './pod-ask.ts'
import {recordPrincipal, recordText} from './record-text.ts'

type Detail = DetailOf<'admission'>

export interface AdmissionPlace {
  readonly cluster: string
  readonly mode: Detail['mode']
  /** SHA-256 of the policy, hex; undefined where no environment was found. */
  readonly policy: string | undefined
}

const GROUPS_MAX = 64
const OWNERS_MAX = 16
const TRIED_MAX = 64

export function admissionDetail(
  ask: Omit<PodAsk, 'images'>,
  {cluster, mode, policy}: AdmissionPlace,
  judged: ImageVerdict & {verdict: Detail['verdict']},
): Detail {
  return {
    cluster: recordText(cluster),
    uid: recordText(ask.uid),
    user: recordPrincipal(ask.user ?? ''),
    ...(ask.arn !== undefined && {arn: recordPrincipal(ask.arn)}),
    groups: groupsOf(ask.groups),
    namespace: recordText(ask.namespace),
    kind: recordText(ask.kind),
    ...(ask.name !== undefined && {name: recordText(ask.name)}),
    owner_chain: ask.owners.slice(0, OWNERS_MAX).map(({kind, name}) => ({kind: recordText(kind), name: recordText(name)})),
    operation: ask.operation,
    ...(ask.subresource !== undefined && {subresource: ask.subresource}),
    dry_run: ask.dryRun,
    mode,
    image: recordText(judged.image),
    path: judged.path,
    signatures_tried: triedOf(judged.tried),
    ...(policy !== undefined && {policy}),
    verdict: judged.verdict,
    reasons: [...judged.reasons],
    ...(ask.objectUid !== undefined && {object_uid: recordText(ask.objectUid)}),
    ...(judged.exemption !== undefined && {exemption: judged.exemption.statement}),
  }
}

function groupsOf(groups: readonly string[]): string[] {
  const kept = groups.slice(0, GROUPS_MAX).map(recordPrincipal)
  return groups.length <= GROUPS_MAX ? kept : [...kept.slice(0, -1), `(and ${groups.length - GROUPS_MAX + 1} more)`]
}

/** The good one first: a list that is cut must not lose the reason for an allow. */
function triedOf(tried: readonly TriedSignature[]): Detail['signatures_tried'] {
  const good = tried.filter(({state}) => state === 'verified')
  const others = tried.filter(({state}) => state !== 'verified')
  return [...good, ...others].slice(0, TRIED_MAX).map(({signer, state, reason}) => ({
    ...(signer !== undefined && {signer}),
    state,
    ...(reason !== undefined && {reason}),
  }))
}
