/** An environment held against the platform's of the same name. Pure. */
import type {Approvals, ApproverPin, Environment, ImageRule, Requires} from '../../config/schema.ts'
import {matchesRepository} from '../image-rules.ts'
import {atLeast, atMost, duration, same, within, type Weakness} from './compare.ts'
import {signerWeaknesses} from './signers.ts'

type Path = Weakness['path']
type Environments = Readonly<Record<string, Environment>>

export function environmentWeaknesses(own: Environments, floor: Environments, rules: readonly ImageRule[]): Weakness[] {
  const names = Object.keys(floor)
  const added = Object.keys(own).filter((name) => !Object.hasOwn(floor, name))
  return [
    ...added.map((name) => ({path: ['environments', name], message: `an environment that the platform does not have; it has ${names.join(', ') || 'none'}`})),
    ...Object.entries(floor).flatMap(([name, theirs]) => oneEnvironment(['environments', name], own[name] ?? {}, theirs, rules)),
  ]
}

function oneEnvironment(path: Path, own: Environment, floor: Environment, rules: readonly ImageRule[]): Weakness[] {
  return [
    ...repositoryWeakness([...path, 'repository'], own.repository, floor.repository, rules),
    ...same([...path, 'match'], own.match, floor.match),
    ...same([...path, 'promotion'], own.promotion?.spki, floor.promotion?.spki),
    ...requiredWeaknesses([...path, 'requires'], own.requires, floor.requires),
    ...(floor.approvals === undefined ? [] : approvalWeaknesses([...path, 'approvals'], own.approvals, floor.approvals)),
  ]
}

/** A service may say which repository is its own, but not one that an images rule decides about: that rule would no longer be asked. */
function repositoryWeakness(path: Path, own: string | undefined, floor: string | undefined, rules: readonly ImageRule[]): Weakness[] {
  if (floor !== undefined || own === undefined) return same(path, own, floor)
  const rule = rules.find(({match}) => matchesRepository(match, own))
  return rule === undefined ? [] : [{path, message: `${own}; the platform has the images rule ${rule.match} for it`}]
}

function requiredWeaknesses(path: Path, own: Requires | undefined, floor: Requires | undefined): Weakness[] {
  if (floor === undefined || own === undefined) return same(path, own, floor, (value) => (value === undefined ? 'nothing, so that nothing passes' : 'checks'))
  return [
    ...(own.signature === undefined || floor.signature === undefined
      ? same([...path, 'signature'], own.signature, floor.signature)
      : signerWeaknesses([...path, 'signature'], own.signature, floor.signature)),
    ...present([...path, 'sbom'], own.sbom, floor.sbom),
    ...provenanceWeaknesses([...path, 'provenance'], own.provenance, floor.provenance),
    ...present([...path, 'scan'], own.scan, floor.scan),
    ...atMost([...path, 'scan', 'max-age'], own.scan?.['max-age'], floor.scan?.['max-age'], duration),
    ...present([...path, 'gate'], own.gate, floor.gate),
    ...within([...path, 'gate', 'policies'], own.gate?.policies, floor.gate?.policies, String),
    ...(['critical', 'high', 'medium', 'low'] as const).flatMap((level) =>
      atMost([...path, 'gate', 'max', level], own.gate?.max?.[level], floor.gate?.max?.[level]),
    ),
  ]
}

function provenanceWeaknesses(path: Path, own: Requires['provenance'], floor: Requires['provenance']): Weakness[] {
  return [
    ...present(path, own, floor),
    ...within([...path, 'sources'], own?.sources, floor?.sources, String),
    // Left out, no input may be there.
    ...(floor === undefined ? [] : within([...path, 'inputs'], own?.inputs ?? [], floor.inputs ?? [], String)),
    ...within([...path, 'builders'], own?.builders, floor?.builders, ({id, key}) => `${id} ${key}`),
    ...(own?.builders ?? []).flatMap(({id, key, level}, at) => {
      const levels = (floor?.builders ?? []).filter((builder) => builder.id === id && builder.key === key).map((builder) => builder.level)
      return levels.length === 0 ? [] : atLeast([...path, 'builders', at, 'level'], level, Math.min(...levels))
    }),
  ]
}

function approvalWeaknesses(path: Path, own: Approvals | undefined, floor: Approvals): Weakness[] {
  if (own === undefined) return [{path, message: `no approvals; the platform asks for ${floor.minimum}`}]
  return [
    ...atLeast([...path, 'minimum'], own.minimum, floor.minimum),
    ...(floor['not-author'] && !own['not-author'] ? [{path: [...path, 'not-author'], message: 'false; the platform has true'}] : []),
    ...within([...path, 'by'], own.by, floor.by, approverText),
  ]
}

function approverText(pin: ApproverPin): string {
  return 'spki' in pin ? `${pin.person} ${pin.spki}` : `${pin.person} ${pin.identity} (${pin.issuer})`
}

function present(path: Path, own: object | undefined, floor: object | undefined): Weakness[] {
  return floor === undefined || own !== undefined ? [] : [{path, message: 'not asked for; the platform asks for it'}]
}
