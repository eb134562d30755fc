/** The records of a rotation: of the keys that it is about, what the file says after it. */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import {keyText} from '../policy/policy-text.ts'
import {pinnedKey} from '../policy/pinned-key.ts'
import type {Context} from '../../ports/context.ts'
import {listPins, type Pin} from './list-pins.ts'
import {recordOnce} from '../evidence/record-once.ts'
import type {Rotation} from './rotation-edits.ts'

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
  readonly file: string
}

/** What was asked, and what the file says now. `today`, UTC: what is only announced has not happened, so an end to come is no record. */
export interface WrittenRotation {
  readonly asked: Pick<Rotation, 'added' | 'retired' | 'compromised'>
  readonly after: Config
  readonly today: string
}

/** Each once, however often the command is run; what an earlier run could not record is recorded now. @throws AppError `record.not-written` */
export async function recordRotation(rotation: WrittenRotation, context: Context): Promise<readonly RotationRecord[]> {
  const written: RotationRecord[] = []
  for (const {action, spki, day, environments, file} of effects(rotation)) {
    const what = spki.replace('sha256:', '')
    const record = await recordOnce(
      `the ${action} key ${spki}`,
      context,
      {stream: 'key', outcome: 'pass', detail: {action, what, environments, day}, blobs: await keyBlob(spki, file, context)},
      ({data: {detail}}) => detail.action === action && detail.what === what,
      // The day of a compromise is that of its record; those of a window stand in the file.
      ({data: {detail}}) => (action === 'compromised' || detail.day === day) && environments.every((name) => detail.environments.includes(name)),
    )
    written.push({action, spki, ...(record !== undefined && {record})})
  }
  return written
}

/** A key that is retired may be gone: its record is written all the same. */
async function keyBlob(spki: string, file: string, context: Context): Promise<BlobInput[]> {
  try {
    return [keyText(await pinnedKey('the configuration', {spki, file}, context))]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    context.progress.note(`the key is recorded without its bytes: ${error.message}`)
    return []
  }
}

/** The same effect in several environments is one. */
function effects({asked, after, today}: WrittenRotation): Effect[] {
  const order = ['added', 'retired', 'compromised'] as const
  const all: Effect[] = []
  for (const pin of listPins(after)) {
    const {role, spki, environment, file} = pin
    if (role !== 'signature' || environment === undefined) continue
    const action = effectOn(pin, asked)
    if (action === undefined) continue
    const day = (action === 'added' ? pin.from : action === 'retired' ? pin.until : undefined) ?? today
    const same = all.find((one) => one.action === action && one.spki === spki && one.day === day)
    if (same === undefined) all.push({action, spki, day, environments: [environment], file})
    else same.environments.push(environment)
  }
  return all.toSorted((a, b) => order.indexOf(a.action) - order.indexOf(b.action))
}

function effectOn({spki, status}: Pin, {added, retired, compromised}: WrittenRotation['asked']): Effect['action'] | undefined {
  if (spki === compromised) return status === 'compromised' ? 'compromised' : undefined
  if (spki === retired) return status === 'retired' ? 'retired' : undefined
  return spki === added?.spki && status === 'active' ? 'added' : undefined
}
