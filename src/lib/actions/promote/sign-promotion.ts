/** The two statements of a promotion, by its key: a signature for the target repository, and the verdict as a summary. */
import type {SignerId} from '../../evidence/details.ts'
import {SIGN_TYPE, subjectFor, VSA_TYPE, type Statement} from '../../evidence/statement.ts'
import {goodSignatures} from '../../policy/checks/signature.ts'
import type {Observation} from '../../policy/model.ts'
import {PROMOTED_FROM} from '../../policy/promoted-from.ts'
import {summarize} from '../../policy/summary.ts'
import {runUrn} from '../../predicates/provenance.ts'
import {VsaPredicate, vsaPredicate} from '../../predicates/vsa.ts'
import type {Context} from '../../ports/context.ts'
import {attachBundle, type AttachResult} from '../sign/attach-bundle.ts'
import type {PromotionPlan} from './plan-promotion.ts'

export function promotionSigner({key}: PromotionPlan): SignerId {
  return {spki: key.public.spki}
}

/** @param source as it was judged: what was built from which commit is taken from its good signature */
export async function signForTarget({open, from, to, target, key, candidate}: PromotionPlan, source: Observation, context: Context): Promise<AttachResult> {
  const [signed] = goodSignatures(source, candidate, context.now())
  const said = signed === undefined ? undefined : subjectFor(signed.statement, open.digest)?.annotations
  const {runUrl} = await context.ci()
  const annotations = {
    repository: to,
    source: textOf(said?.['source']),
    commit: textOf(said?.['commit']),
    run: runUrl ?? runUrn(await (await context.recorder()).runId()),
    [PROMOTED_FROM]: from,
  }
  const same = (statement: Statement, digest: string) => {
    const already = subjectFor(statement, digest)?.annotations
    const isSame = already?.['repository'] === to && already[PROMOTED_FROM] === from
    return isSame && open.subjects.every((subject) => subjectFor(statement, subject.digest) !== undefined)
  }
  return attachBundle({store: target, subjects: open.subjects, key, statement: {predicateType: SIGN_TYPE, predicate: {}, annotations}, same}, context)
}

/** @param arrived as it was judged, and verified, in the target */
export async function signSummary({open, to, target, key, policy}: PromotionPlan, arrived: Observation, context: Context): Promise<AttachResult> {
  const now = context.now()
  const predicate = vsaPredicate({
    toolVersion: context.version,
    verifiedAt: now.toISOString(),
    repository: to,
    digest: open.digest,
    policy: {name: policy.name, sha256: policy.digest},
    verdict: 'verified',
    ...summarize(arrived, policy, now),
  })
  const same = ({predicate: already}: Statement) => saysTheSame(already, predicate)
  return attachBundle({store: target, subjects: open.subjects, key, statement: {predicateType: VSA_TYPE, predicate}, same}, context)
}

/** By the same policy with the same result; when that was, and what else was attached by then, is another matter. */
function saysTheSame(already: unknown, wanted: unknown): boolean {
  const [a, b] = [VsaPredicate.safeParse(already).data, VsaPredicate.safeParse(wanted).data]
  if (a === undefined || b === undefined) return false
  const isSame = a.resourceUri === b.resourceUri && a.policy.digest.sha256 === b.policy.digest.sha256 && a.verifier.id === b.verifier.id
  return isSame && a.verificationResult === b.verificationResult && a.verifiedLevels.join(' ') === b.verifiedLevels.join(' ')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
