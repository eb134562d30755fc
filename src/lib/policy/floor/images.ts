/**
 * Rules for images that others built, held against the platform's. Pure.
 *
 * The most specific pattern decides, so one that is left out would let a more
 * general rule decide in its place: every pattern stays, and each rule for it is
 * within one of the platform's.
 */
import type {ImageRule} from '../../config/schema.ts'
import {same, within, type Weakness} from './compare.ts'
import {identityWeaknesses, keyWeaknesses} from './signers.ts'

export function imageWeaknesses(own: readonly ImageRule[], floor: readonly ImageRule[]): Weakness[] {
  const lost = floor.filter(({match}) => !own.some((rule) => rule.match === match)).map(({match}) => match)
  return [
    ...[...new Set(lost)].map((match) => ({
      path: ['images'],
      message: `no rule for ${match}; the platform has one, and a more general one would take its place`,
    })),
    ...own.flatMap((rule, at) => {
      const path = ['images', at]
      const candidates = floor.filter(({match}) => match === rule.match).map((other) => ruleWeaknesses(path, rule, other))
      const [closest] = candidates.toSorted((a, b) => a.length - b.length)
      return closest ?? [{path: [...path, 'match'], message: `${rule.match}; the platform has no rule for it`}]
    }),
  ]
}

function ruleWeaknesses(path: Weakness['path'], own: ImageRule, floor: ImageRule): Weakness[] {
  // Whether a kind of proof is asked for at all is not the service's to say, in either direction.
  const kinds = (['digests', 'keys', 'identities'] as const).filter((kind) => (own[kind] === undefined) !== (floor[kind] === undefined))
  if (kinds.length > 0)
    return kinds.map((kind) => ({path: [...path, kind], message: own[kind] === undefined ? 'none; the platform names some' : 'some; the platform names none'}))
  return [
    ...within([...path, 'digests'], own.digests ?? [], floor.digests ?? [], String),
    ...keyWeaknesses([...path, 'keys'], own.keys ?? [], floor.keys ?? []),
    ...identityWeaknesses([...path, 'identities'], own.identities, floor.identities),
    ...(own.until <= floor.until ? [] : [{path: [...path, 'until'], message: `${own.until}; the platform ends it on ${floor.until}`}]),
    ...same([...path, 'approved-by'], own['approved-by'], floor['approved-by']),
  ]
}
