/** What the images of a pod are judged by: the policy of the one environment that matches its cluster and namespace, and the list of revocations. */
import {refusedFor, type ImageVerdict} from '../../admission/image-verdict.ts'
import {matchEnvironments} from '../../admission/match-environment.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {BreakGlassPolicy} from '../../policy/exemption.ts'
import type {Policy, RevocationList} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import {readBreakGlass} from '../policy/read-break-glass.ts'
import {environmentPolicy} from '../policy/select-policy.ts'
import {readRevocations} from '../revoke/read-revocations.ts'

/** What images are judged by, or why none can be. */
export type Ground =
  | {readonly environment: string; readonly policy: Policy; readonly revocations: RevocationList | undefined; readonly breakGlass?: BreakGlassPolicy}
  | {readonly environment: string | undefined; readonly policy: undefined; readonly refuse: (place: PodImage) => ImageVerdict}

/** Recorded refusals, not errors: a pod that nobody can judge is a pod that was refused. */
export async function findGround(cluster: string, namespace: string, context: Context): Promise<Ground> {
  const match = oneEnvironment(cluster, namespace, context.config.environments)
  if (typeof match === 'string') return noEnvironment(match)
  const [environment] = match
  try {
    const breakGlass = await readBreakGlass(context)
    const policy = await environmentPolicy(...match, context)
    return {environment, policy, revocations: await readRevocations(context), ...(breakGlass !== undefined && {breakGlass})}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return noGround(environment, error)
  }
}

type Environments = Config['environments']

/** @returns the only one that matches; else why there is none */
export function oneEnvironment(cluster: string, namespace: string, environments: Environments): readonly [name: string, Environments[string]] | string {
  const found = matchEnvironments(cluster, namespace, environments)
  const [match] = found
  if (match !== undefined && found.length === 1) return match
  return `${found.length === 0 ? 'no environment matches' : `${found.map(([name]) => name).join(' and ')} all match`} cluster ${cluster}, namespace ${namespace}`
}

/** Which is a definite refusal. */
export function noEnvironment(why: string): Ground {
  return {environment: undefined, policy: undefined, refuse: (place) => refusedFor('policy.no-environment', why, place)}
}

/** What is judged by could not be had. */
export function noGround(environment: string | undefined, {code, message}: AppError): Ground {
  return {environment, policy: undefined, refuse: (place) => refusedFor(code, message, place, 'could-not-check')}
}
