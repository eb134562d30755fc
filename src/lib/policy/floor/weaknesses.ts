/**
 * Where a configuration allows what the platform's policy does not. Pure.
 *
 * The configuration is what is left after the platform's policy was laid under
 * it: what it does not name is the platform's. A key that the platform does not
 * name is the service's, but for what decides about the platform's environments:
 * with those come the images rules, what admission leaves out, who vouches for identities, and who is who.
 */
import type {Config, PlatformPolicy} from '../../config/schema.ts'
import {admissionWeaknesses, NOTHING} from './admission.ts'
import {atMost, duration, same, type Weakness} from './compare.ts'
import {environmentWeaknesses} from './environments.ts'
import {gateWeaknesses} from './gate.ts'
import {imageWeaknesses} from './images.ts'

export type Governed = Pick<Config, 'environments' | 'images' | 'admission' | 'gate' | 'revocations' | 'trusted-root' | 'identities'>

/** @param own with every path in it absolute, as those of the platform are */
export function weaknesses(own: Governed, floor: PlatformPolicy): Weakness[] {
  const {environments, images, gate, revocations} = floor
  const admission = floor.admission ?? (environments === undefined ? undefined : NOTHING)
  const rules = images ?? (environments === undefined ? undefined : [])
  return [
    ...(environments === undefined ? [] : environmentWeaknesses(own.environments, environments, rules ?? [])),
    ...(rules === undefined ? [] : imageWeaknesses(own.images, rules)),
    ...(admission === undefined ? [] : admissionWeaknesses(own.admission, admission)),
    ...(gate === undefined ? [] : gateWeaknesses(own.gate, gate)),
    ...(revocations === undefined ? [] : revocationWeaknesses(own.revocations, revocations)),
    ...(isRooted(floor) ? same(['trusted-root'], own['trusted-root'], floor['trusted-root']) : []),
    ...(isPersonal(floor) ? same(['identities'], own.identities, floor.identities) : []),
  ]
}

type Revocations = NonNullable<Config['revocations']>

function revocationWeaknesses(own: Revocations | undefined, floor: Revocations): Weakness[] {
  return [
    ...same(['revocations', 'from'], own?.from, floor.from),
    ...same(['revocations', 'key', 'spki'], own?.key.spki, floor.key.spki),
    ...atMost(['revocations', 'max-age'], own?.['max-age'], floor['max-age'], duration),
  ]
}

/** Does anything in it rest on who vouches for an identity? */
function isRooted({'trusted-root': root, environments = {}, images = []}: PlatformPolicy): boolean {
  if (root !== undefined || images.some(({identities}) => identities !== undefined)) return true
  return Object.values(environments).some(
    ({requires, approvals}) => requires?.signature?.identities !== undefined || approvals?.by.some((approver) => 'identity' in approver) === true,
  )
}

/** Does anything in it rest on who is who? */
function isPersonal({identities, environments = {}}: PlatformPolicy): boolean {
  return identities !== undefined || Object.values(environments).some(({approvals}) => approvals?.['not-author'] === true)
}
