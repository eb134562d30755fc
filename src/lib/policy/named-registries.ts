/**
 * Which registries a policy names: those of its environments' repositories, and those of its `images` rules.
 *
 * Whoever makes a pod writes the names of its images. A server that called whatever host stands there would be sent about
 * by them, into places that only it can reach. So a pattern has to name whose registry it is: in the last two labels of a
 * host nothing may stand for anything. Pure.
 */
import type {Config} from '../config/schema.ts'
import {matchesRepository} from './image-rules.ts'

type Named = Pick<Config, 'environments' | 'images'>

/** @param repository `host[:port]/path` */
export function isNamedRegistry(repository: string, {environments, images}: Named): boolean {
  const host = hostOf(repository)
  if (Object.values(environments).some((environment) => environment.repository !== undefined && hostOf(environment.repository) === host)) return true
  return images.some(({match}) => namesRegistry(match) && matchesRepository(`${hostOf(match)}/any`, `${host}/any`))
}

/** Of a rule's `match`. */
export function namesRegistry(match: string): boolean {
  const labels = hostOf(match).split('.')
  return !labels.slice(-2).some((label) => label.includes('*'))
}

function hostOf(repository: string): string {
  return repository.slice(0, Math.max(0, repository.indexOf('/')))
}
