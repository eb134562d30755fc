/** The records of a rotation, by what the configuration says after it. */
import type {Context} from '../../ports/context.ts'
import {listPins} from './list-pins.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import type {Rotation} from './rotation-edits.ts'

export interface RotationRecord {
  readonly action: 'added' | 'retired' | 'compromised'
  /** `sha256:<hex>` */
  readonly spki: string
  /** Absent under --no-record. */
  readonly record?: string
}

/** @throws AppError `record.not-written` */
export async function recordRotation(rotation: Rotation, context: Context): Promise<readonly RotationRecord[]> {
  const {added, retired, compromised, day, today, environments} = rotation
  const distrusting = listPins(context.config).flatMap(({role, spki, environment = ''}) => (role === 'signature' && spki === compromised ? [environment] : []))
  const done: Omit<RotationRecord, 'record'>[] = [
    ...(added === undefined ? [] : [{action: 'added', spki: added.spki} as const]),
    // What is only announced has not happened.
    ...(retired === undefined || retired === compromised || day > today ? [] : [{action: 'retired', spki: retired} as const]),
    ...(compromised === undefined ? [] : [{action: 'compromised', spki: compromised} as const]),
  ]
  const written: RotationRecord[] = []
  for (const {action, spki} of done) {
    const record = await recordEffect(`the ${action} key ${spki}`, context, {
      stream: 'key',
      outcome: 'pass',
      detail: {action, what: spki.replace('sha256:', ''), environments: [...new Set(action === 'compromised' ? distrusting : environments)], day},
    })
    written.push({action, spki, ...(record !== undefined && {record})})
  }
  return written
}
