/** Where a refusal only warns, and until when. */
import type {Rollout} from '../config/admission-schema.ts'
import {matchesGlob} from '../policy/glob.ts'

/** Of several that cover the namespace the earliest day counts. From that day on (UTC) a refusal refuses. */
export function onlyWarns(namespace: string, rollout: readonly Rollout[], now: Date): boolean {
  const today = now.toISOString().slice(0, 10)
  const covering = rollout.filter(({namespaces}) => namespaces.some((pattern) => matchesGlob(pattern, namespace)))
  return covering.length > 0 && covering.every((each) => today < each['enforce-on'])
}
