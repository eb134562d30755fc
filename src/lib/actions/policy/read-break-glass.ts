/**
 * Who may break the glass, with their keys read and held against their pins.
 *
 * Duties that are to be apart must not meet in one key: what signs or promotes builds could let in its own.
 */
import {AppError} from '../../errors.ts'
import type {BreakGlassPolicy} from '../../policy/exemption.ts'
import type {PolicyFiles} from './pinned-file.ts'
import {pinnedKey} from './pinned-key.ts'

/** Undefined where nobody may. @throws AppError `policy.invalid`, `key.unreadable` */
export async function readBreakGlass(context: PolicyFiles): Promise<BreakGlassPolicy | undefined> {
  const {admission, environments, images} = context.config
  const configured = admission['break-glass']
  if (configured === undefined) return undefined
  const signing = new Set(
    [
      ...Object.values(environments).flatMap(({requires, promotion}) => [
        ...(requires?.signature?.keys ?? []),
        ...(promotion === undefined ? [] : [promotion]),
      ]),
      ...images.flatMap(({keys = []}) => keys),
    ].map(({spki}) => spki),
  )
  for (const {person, spki} of configured.by) {
    const other = configured.by.find((each) => each.spki === spki && each.person !== person)
    if (other !== undefined) throw new AppError('policy.invalid', `${person} and ${other.person} would break the glass as one: ${spki}`)
    if (signing.has(spki)) throw new AppError('policy.invalid', `the key ${spki}, with which ${person} may break the glass, also signs or promotes images`)
  }
  const by = await Promise.all(
    configured.by.map(async (pin) => ({person: pin.person, key: await pinnedKey(`admission.break-glass.by (${pin.person})`, pin, context)})),
  )
  return {by, maxHours: configured['max-hours']}
}
