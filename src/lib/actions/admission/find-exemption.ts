/**
 * Is there an exemption by which a refused image is let in all the same?
 *
 * Only a definite refusal can be exempted: what could not be checked may be revoked. Nothing exempts from a revocation,
 * and whatever goes wrong here leaves the refusal as it is.
 */
import type {ImageVerdict} from '../../admission/image-verdict.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {Statement} from '../../evidence/statement.ts'
import {readExemption, type BreakGlassPolicy, type Exemption, type ExemptionPlace} from '../../policy/exemption.ts'
import type {Context} from '../../ports/context.ts'
import {EXEMPTION_TYPE} from '../../predicates/exemption.ts'
import {byteGate} from '../verify/byte-gate.ts'
import {findAttached} from '../verify/find-attached.ts'
import {IN_HAND, visitLayers, wholeBlob} from '../verify/read-attached.ts'
import type {Ground} from './find-ground.ts'
import {revokedPodImage} from './revoked-pod-image.ts'

/** Bytes of a bundle; an exemption says little. */
const MAX_BUNDLE = 64 * 1024

/** @returns undefined where the refusal stays */
export async function findExemption(
  refused: ImageVerdict,
  {cluster, namespace}: Omit<ExemptionPlace, 'digest'>,
  ground: Ground,
  now: Date,
  context: Context,
): Promise<Exemption | undefined> {
  const {repository, digest, image, path} = refused
  if (ground.policy === undefined || ground.breakGlass === undefined || repository === undefined || digest === undefined) return undefined
  if (!isDefinite(refused)) return undefined
  try {
    const found = await attachedExemptions(repository, {cluster, namespace, digest}, ground.breakGlass, now, context)
    if (found === undefined) return undefined
    const revoked = await revokedPodImage({image, path, unchanged: false, repository, digest}, ground.revocations, now, context)
    if (revoked === undefined) return found
    context.progress.note(`the exemption of ${digest} does not count: ${revoked.message}`)
  } catch (error) {
    context.progress.note(`no exemption of ${digest} could be looked for: ${error instanceof Error ? error.message : String(error)}`)
  }
  return undefined
}

function isDefinite({verdict, reasons}: ImageVerdict): boolean {
  return (verdict === 'failed' || verdict === 'missing') && !reasons.some((reason) => reason.startsWith('revocation.') || reason === 'image.revoked')
}

/** Of several that count, the one that lasts longest. */
async function attachedExemptions(
  repository: string,
  place: ExemptionPlace,
  policy: BreakGlassPolicy,
  now: Date,
  context: Context,
): Promise<Exemption | undefined> {
  const target = await context.target(`registry:${repository}@${place.digest}`)
  if (target.kind !== 'registry') return undefined
  const [store, verify] = await Promise.all([context.images(target), context.verifySignature()])
  const layers = (await findAttached(store, place.digest)).filter((item) => item.form === 'bundle' && item.layer.size <= MAX_BUNDLE)
  const trust = {keys: policy.by.flatMap((one) => ('key' in one ? [one.key] : []))}
  const found = await visitLayers(layers, byteGate(IN_HAND), async (item): Promise<Exemption | undefined> => {
    if (item.form === 'gone') return undefined
    const bytes = await wholeBlob(store, item.layer)
    const check = verify({form: 'bundle', bytes}, trust)
    if (check.state === 'failed' || check.content.kind !== 'statement') return undefined
    const statement = Statement.safeParse(check.content.statement).data
    if (statement?.predicateType !== EXEMPTION_TYPE) return undefined
    const said = readExemption({statement, signer: check.signer}, place, policy, now)
    if (typeof said !== 'string') return {...said, statement: sha256Hex(check.content.payload), bundle: Buffer.from(bytes).toString('utf8')}
    context.progress.note(`an exemption of ${place.digest} ${said}`)
    return undefined
  })
  const [longest] = found
    .flatMap((one) => one ?? [])
    .toSorted((a, b) => (a.expires === b.expires ? (a.statement < b.statement ? -1 : 1) : a.expires < b.expires ? 1 : -1))
  return longest
}
