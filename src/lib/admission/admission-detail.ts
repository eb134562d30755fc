/** What the record of one judged image says. Somebody else's text is cut to what a record holds, with a digest of the whole. */
import {sha256Hex} from '../evidence/record.ts'
import type {DetailOf} from '../evidence/schema.ts'
import type {TriedSignature} from '../policy/checks/signature.ts'
import type {ImageVerdict} from './image-verdict.ts'
import type {PodAsk} from './pod-ask.ts'

type Detail = DetailOf<'admission'>

export interface AdmissionPlace {
  readonly cluster: string
  readonly mode: Detail['mode']
  /** SHA-256 of the policy, hex; undefined where no environment was found. */
  readonly policy: string | undefined
}

const TEXT_MAX = 256
const GROUPS_MAX = 64
const OWNERS_MAX = 16
const TRIED_MAX = 64

export function admissionDetail(ask: PodAsk, {cluster, mode, policy}: AdmissionPlace, judged: ImageVerdict & {verdict: Detail['verdict']}): Detail {
  return {
    cluster: recordText(cluster),
    uid: recordText(ask.uid),
    user: recordText(ask.user ?? ''),
    ...(ask.arn !== undefined && {arn: recordText(ask.arn)}),
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

/** Nothing is `(none)`; what is too long ends in a digest of the whole, so that it can be told from another with the same start. */
export function recordText(text: string): string {
  if (text === '') return '(none)'
  if (text.length <= TEXT_MAX) return text
  const mark = `…sha256:${sha256Hex(text).slice(0, 16)}`
  // Half a surrogate pair is no character.
  return `${text.slice(0, TEXT_MAX - mark.length).replace(/[\uD800-\uDBFF]$/, '')}${mark}`
}

function groupsOf(groups: readonly string[]): string[] {
  const kept = groups.slice(0, GROUPS_MAX).map(recordText)
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
