/** Refused images that an exemption lets in all the same, and the records of its use. Verdict and reasons stay what they are. */
import type {PodAsk} from '../../admission/pod-ask.ts'
import {admittedByExemption, type ImageVerdict} from '../../admission/image-verdict.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import type {Exemption} from '../../policy/exemption.ts'
import type {RecordInput} from '../../ports/evidence-store.ts'
import {subjectOf} from '../verify/record-verdict.ts'

interface Asked {
  readonly ask: Pick<PodAsk, 'namespace' | 'dryRun'>
  readonly cluster: string
  readonly mode: DetailOf<'admission'>['mode']
}

/** @param find what lets an image in, or undefined; asked once for each image */
export async function exemptImages(
  verdicts: readonly ImageVerdict[],
  find: (refused: ImageVerdict) => Promise<Exemption | undefined>,
): Promise<ImageVerdict[]> {
  const refused = new Map(verdicts.filter(({allowed}) => !allowed).map((verdict) => [verdict.image, verdict]))
  const found = new Map(await Promise.all([...refused].map(async ([image, verdict]) => [image, await find(verdict)] as const)))
  return verdicts.map((verdict) => {
    const exemption = verdict.allowed ? undefined : found.get(verdict.image)
    return exemption === undefined ? verdict : admittedByExemption(verdict, exemption)
  })
}

/** One for each exemption: an image that stands in a pod twice is let in once. None where nothing was let into a cluster. */
export function exemptionUses(images: readonly ImageVerdict[], {ask, cluster, mode}: Asked, environment: string): RecordInput<'admission' | 'break-glass'>[] {
  if (ask.dryRun || (mode !== 'enforce' && mode !== 'warn')) return []
  const used = images.flatMap(({exemption, digest, repository}) => (exemption === undefined || digest === undefined ? [] : [{exemption, digest, repository}]))
  return [...new Map(used.map((use) => [use.exemption.statement, use])).values()].map(({exemption, digest, repository}) => {
    const {reason, incident, from, expires, statement, bundle} = exemption
    return {
      stream: 'break-glass',
      subject: subjectOf(repository, digest),
      environment,
      outcome: 'warn',
      detail: {action: 'use', kind: 'exemption', cluster, namespace: ask.namespace, digest, reason, incident, from, expires, statement},
      blobs: [{name: 'bundle.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: Buffer.from(bundle), exact: true}],
    }
  })
}
