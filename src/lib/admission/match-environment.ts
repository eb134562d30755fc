/** Which environment a pod lands in, by the policy's `match`. None, or more than one, is no environment. */
import type {Config} from '../config/schema.ts'
import {matchesGlob} from '../policy/glob.ts'

type Environments = Config['environments']
type NamedEnvironment = readonly [name: string, environment: Environments[string]]

/** Every environment that `match` gives for the place; only exactly one is an answer. */
export function matchEnvironments(cluster: string, namespace: string, environments: Environments): readonly NamedEnvironment[] {
  return Object.entries(environments).filter(
    ([, {match}]) => match !== undefined && matchesAny(match.clusters, cluster) && matchesAny(match.namespaces, namespace),
  )
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesGlob(pattern, text))
}
