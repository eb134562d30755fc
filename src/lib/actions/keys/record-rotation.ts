/** The records of a rotation: what the file says after it and did not say before. */
import type {Config} from '../../config/schema.ts'
import type {Context} from '../../ports/context.ts'
import {listPins, type Pin} from './list-pins.ts'
import {recordEffect} from '../evidence/record-effect.ts'

export interface RotationRecord {
  readonly action: 'added' | 'retired' | 'compromised'
  /** `sha256:<hex>` */
  readonly spki: string
  /** Absent under --no-record. */
  readonly record?: string
}

interface Effect {
  readonly action: RotationRecord['action']
  readonly spki: string
  readonly day: string
  readonly environments: string[]
}

/** What the file said, and says now. `today`, UTC: what is only announced has not happened, so an end to come is no record. */
export interface WrittenRotation {
  readonly before: Config
  readonly after: Config
  readonly today: string
}

/** @throws AppError `record.not-written` */
export async function recordRotation(rotation: WrittenRotation, context: Context): Promise<readonly RotationRecord[]> {
  const written: RotationRecord[] = []
  for (const {action, spki, day, environments} of effects(rotation)) {
    const record = await recordEffect(`the ${action} key ${spki}`, context, {
      stream: 'key',
      outcome: 'pass',
      detail: {action, what: spki.replace('sha256:', ''), environments, day},
    })
    written.push({action, spki, ...(record !== undefined && {record})})
  }
  return written
}

/** The same effect in several environments is one. */
function effects({before, after, today}: WrittenRotation): Effect[] {
  const order = ['added', 'retired', 'compromised'] as const
  const all: Effect[] = []
  for (const pin of listPins(after)) {
    const {role, spki, environment} = pin
    if (role !== 'signature' || environment === undefined) continue
    const was = listPins(before, environment).find((one) => one.role === role && one.spki === spki)
    const action = effectOn(was, pin)
    if (action === undefined) continue
    const day = (action === 'added' ? pin.from : action === 'retired' ? pin.until : undefined) ?? today
    const same = all.find((one) => one.action === action && one.spki === spki && one.day === day)
    if (same === undefined) all.push({action, spki, day, environments: [environment]})
    else same.environments.push(environment)
  }
  return all.toSorted((a, b) => order.indexOf(a.action) - order.indexOf(b.action))
}

function effectOn(was: Pin | undefined, {status, from}: Pin): Effect['action'] | undefined {
  if (was === undefined || was.from !== from) return 'added'
  return was.status === status || status === 'active' ? undefined : status
}
