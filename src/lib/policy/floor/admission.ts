/**
 * What a cluster does not look at, where it only warns, and who may break its glass, held against the platform's. Pure.
 *
 * Where the platform names environments and nothing of this, none of it is the service's to add: each lets something into
 * the platform's environments that they refuse.
 */
import type {Admission} from '../../config/admission-schema.ts'
import {atMost, within, type Weakness} from './compare.ts'

type Floor = Pick<Admission, 'rollout' | 'break-glass'> & {readonly exempt: Admission['exempt'] | undefined}

export const NOTHING: Floor = {exempt: undefined, rollout: [], 'break-glass': undefined}

export function admissionWeaknesses(own: Admission, floor: Floor): Weakness[] {
  return [
    ...within(['admission', 'exempt'], own.exempt, floor.exempt, String),
    ...own.rollout.flatMap((entry, at) => rolloutWeaknesses(entry, floor.rollout, ['admission', 'rollout', at])),
    ...glassWeaknesses(own['break-glass'], floor['break-glass']),
  ]
}

type Rollout = Admission['rollout'][number]

function rolloutWeaknesses({namespaces, 'enforce-on': day}: Rollout, floor: readonly Rollout[], path: Weakness['path']): Weakness[] {
  return namespaces.flatMap((namespace, at) => {
    const longest = floor
      .filter((entry) => entry.namespaces.includes(namespace))
      .map((entry) => entry['enforce-on'])
      .toSorted()
      .at(-1)
    if (longest !== undefined && day <= longest) return []
    const message = longest === undefined ? `${namespace}; the platform enforces there` : `${day}; the platform enforces in ${namespace} from ${longest} on`
    return [{path: longest === undefined ? [...path, 'namespaces', at] : [...path, 'enforce-on'], message}]
  })
}

function glassWeaknesses(own: Admission['break-glass'], floor: Admission['break-glass']): Weakness[] {
  if (own === undefined) return []
  const path = ['admission', 'break-glass']
  return [
    ...within([...path, 'by'], own.by, floor?.by ?? [], keyOf),
    // Whoever may break it for the platform may review it, too.
    ...within([...path, 'reviewed-by'], own['reviewed-by'], [...(floor?.by ?? []), ...(floor?.['reviewed-by'] ?? [])], keyOf),
    ...atMost([...path, 'max-hours'], own['max-hours'], floor?.['max-hours'], (hours) => `${hours}h`),
  ]
}

function keyOf({person, spki}: NonNullable<Admission['break-glass']>['by'][number]): string {
  return `${person} ${spki}`
}
