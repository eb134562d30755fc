/** A policy that is for another cluster, or by which a pod's own text would choose the host that a server calls is none for a server. */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {matchesGlob} from '../../policy/glob.ts'
import {namesRegistry} from '../../policy/named-registries.ts'

/** @throws AppError `policy.invalid` */
export function checkRegistries(cluster: string, {environments, images}: Pick<Config, 'environments' | 'images'>): void {
  const [anywhere] = Object.entries(environments).find(([, {match, repository}]) => repository === undefined && isFor(cluster, match?.clusters)) ?? []
  if (anywhere !== undefined)
    throw new AppError('policy.invalid', `environment ${anywhere} names no repository, so whoever makes a pod would choose which host is called`, {
      fix: `Add environments.${anywhere}.repository: HOST/PATH to the policy.`,
    })
  const open = images.find(({match}) => !namesRegistry(match))
  if (open !== undefined)
    throw new AppError('policy.invalid', `the images rule ${open.match} names no registry, so whoever makes a pod would choose which host is called`, {
      fix: 'Write the last two parts of its host out: *.example.com/PATH, not *.*/PATH.',
    })
}

/** A name that is mistyped must not close a cluster. @throws AppError `usage.input` */
export function checkCovered(cluster: string, {environments}: Pick<Config, 'environments'>): void {
  if (Object.values(environments).some(({match}) => isFor(cluster, match?.clusters))) return
  throw new AppError('usage.input', `no environment of the policy is for the cluster ${cluster}: all that it asks about would be refused`, {
    fix: 'Look at --cluster, and at environments.*.match.clusters of the policy.',
  })
}

function isFor(cluster: string, clusters: readonly string[] = []): boolean {
  return clusters.some((pattern) => matchesGlob(pattern, cluster))
}
