/**
 * Judges an image of a pod as `judge-pod-image.ts` does, and keeps the verdict: of many pods of one image the registry is
 * asked once. What is kept is the verdict on a digest, by all that it rests on; never what was observed, never what could
 * not be checked, and never an exemption, which is about one namespace.
 */
import type {ImageVerdict} from '../../admission/image-verdict.ts'
import {keptUntil} from '../../admission/kept-until.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import {verdictCache} from '../../admission/verdict-cache.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {Exemption, ExemptionPlace} from '../../policy/exemption.ts'
import type {Context} from '../../ports/context.ts'
import {byteGate} from '../verify/byte-gate.ts'
import {findExemption} from './find-exemption.ts'
import type {Ground} from './find-ground.ts'
import type {HeldGround} from './hold-ground.ts'
import {judgePinned, judgePlace, pinnedImage} from './judge-pod-image.ts'

export interface KeptJudge {
  judge(place: PodImage, ground: Ground, now: Date, held: HeldGround): Promise<ImageVerdict>
  exempt(refused: ImageVerdict, place: Omit<ExemptionPlace, 'digest'>, ground: Ground, now: Date, held: HeldGround): Promise<Exemption | undefined>
  /** Verdicts that are kept. */
  readonly size: number
}

/** Looks at a registry at the same time, for all pods together: each holds up to 16 MiB. */
const LOOKS = 16
/** Milliseconds. Of an exemption that is not there: who breaks the glass waits no longer. */
const NO_EXEMPTION = 10_000
const EXEMPTION = 60_000

/** @param max of verdicts that are kept */
export function keptJudge({max}: {readonly max: number}, {now: clock}: Pick<Context, 'now'>): KeptJudge {
  const verdicts = verdictCache<ImageVerdict>({max, now: clock})
  const exemptions = verdictCache<Exemption | undefined>({max, now: clock})
  const looking = byteGate(LOOKS)

  return {
    async judge(place, ground, _asked, {digest: rests, context}) {
      const pinned = place.unchanged || ground.policy === undefined ? undefined : pinnedImage(place)
      if (ground.policy === undefined || pinned === undefined || 'verdict' in pinned) return judgePlace(place, ground, clock(), context)
      const {repository, digest} = pinned
      const image = `${repository}@${digest}`
      const kept = await verdicts.get(keyOf([rests, ground.environment, ground.policy.digest, repository, digest]), async () =>
        looking(1, async () => {
          // As of the look, not of the question: it may have waited.
          const now = clock()
          const {verdict, until} = await judgePinned({image, path: '', unchanged: false, repository, digest}, ground, now, context)
          return {value: verdict, until: keptUntil(verdict, until, now)}
        }),
      )
      return {...kept, image: place.image, path: place.path}
    },
    async exempt(refused, place, ground, _asked, {digest: rests, context}) {
      const {repository, digest} = refused
      if (ground.policy === undefined || ground.breakGlass === undefined || repository === undefined || digest === undefined) return undefined
      // What the refusal is for is a part of the question: nothing exempts from a revocation.
      const key = keyOf([rests, place.cluster, place.namespace, ground.environment, repository, digest, refused.verdict, ...refused.reasons])
      const found = await exemptions.get(key, async () =>
        looking(1, async () => {
          const now = clock()
          const value = await findExemption(refused, place, ground, now, context)
          return {value, until: value === undefined ? now.getTime() + NO_EXEMPTION : Math.min(now.getTime() + EXEMPTION, Date.parse(value.expires))}
        }),
      )
      return found
    },
    get size() {
      return verdicts.size
    },
  }
}

/** As long, whatever is in it. */
function keyOf(parts: readonly string[]): string {
  return sha256Hex(JSON.stringify(parts))
}
