/** Where a refusal only warns, and until when. */
import type {Rollout} from '../config/admission-schema.ts'
import {CANARY} from './manifests/names.ts'
import {matchesGlob} from '../policy/glob.ts'

/** Of several that cover the namespace the earliest day counts. From that day on (UTC) a refusal refuses. */
export function onlyWarns(namespace: string, rollout: readonly Rollout[], now: Date): boolean {
  const from = refusesFrom(namespace, rollout)
  return from !== undefined && now.toISOString().slice(0, 10) < from
}

/**
 * The day (UTC, `2026-07-01`) on which refusing begins where it only warns; undefined where nothing covers the namespace.
 * The canary's is covered by none: there it is seen whether a refusal refuses at all.
 */
export function refusesFrom(namespace: string, rollout: readonly Rollout[]): string | undefined {
  if (namespace === CANARY) return undefined
  return rollout
    .filter(({namespaces}) => namespaces.some((pattern) => matchesGlob(pattern, namespace)))
    .map((each) => each['enforce-on'])
    .toSorted()[0]
}
