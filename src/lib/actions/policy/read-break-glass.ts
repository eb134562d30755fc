/**
 * Who may break the glass and who may review it, with their keys read and held against their pins.
 *
 * Duties that are to be apart must not meet in one key: what signs or promotes builds could let in its own.
 */
import type {Admission} from '../../config/admission-schema.ts'
import {AppError} from '../../errors.ts'
import type {BreakGlassPolicy} from '../../policy/exemption.ts'
import type {Approver} from '../../policy/model.ts'
import type {PolicyFiles} from './pinned-file.ts'
import {pinnedKey} from './pinned-key.ts'

export interface GlassPolicy extends BreakGlassPolicy {
  /** Whose signature under a review counts: everybody who may break the glass, and those whom `reviewed-by` names. */
  readonly reviewers: readonly Approver[]
}

type Pins = NonNullable<Admission['break-glass']>['by']

/** Undefined where nobody may. @throws AppError `policy.invalid`, `key.unreadable` */
export async function readBreakGlass(context: PolicyFiles): Promise<GlassPolicy | undefined> {
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
  const all = [...configured.by, ...configured['reviewed-by']]
  for (const {person, spki} of all) {
    const other = all.find((each) => each.spki === spki && each.person !== person)
    if (other !== undefined) throw new AppError('policy.invalid', `${person} and ${other.person} would break the glass as one: ${spki}`)
    if (signing.has(spki)) throw new AppError('policy.invalid', `the key ${spki}, with which ${person} may break the glass, also signs or promotes images`)
  }
  const [by, others] = await Promise.all([read('by', configured.by, context), read('reviewed-by', configured['reviewed-by'], context)])
  return {by, maxHours: configured['max-hours'], reviewers: [...by, ...others]}
}

async function read(list: string, pins: Pins, context: PolicyFiles): Promise<Approver[]> {
  return Promise.all(pins.map(async (pin) => ({person: pin.person, key: await pinnedKey(`admission.break-glass.${list} (${pin.person})`, pin, context)})))
}
