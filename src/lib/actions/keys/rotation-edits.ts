/**
 * What a rotation changes in `hipaa-ci.yaml`, and nothing else. Pure.
 *
 * Until its day the new key is only announced: it is pinned, the old pin gets its end, and signing goes on as it did.
 * From that day on the old pin is retired and the new key signs. Asked again, it changes what is left to be changed.
 */
import type {DocumentEdit} from '../../config/edit-document.ts'
import type {Config, KeyPin} from '../../config/schema.ts'

export interface Rotation {
  /** What is brought in; absent where a key is only marked compromised. */
  readonly added?: {
    /** `sha256:<hex>`, and the file of it from the configuration's folder. */
    readonly spki: string
    readonly file: string
    /** As `signing.key` names it. */
    readonly reference: string
  }
  /** `sha256:<hex>` of what it replaces. */
  readonly retired?: string
  readonly compromised?: string
  /** The first day of the new key and the last of the old one, UTC. */
  readonly day: string
  readonly today: string
  /** Those whose pins are changed. */
  readonly environments: readonly string[]
}

export function rotationEdits(rotation: Rotation, config: Config): readonly DocumentEdit[] {
  const {added, day, today} = rotation
  const edits = [...compromisedEdits(rotation, config), ...rotation.environments.flatMap((name) => environmentEdits(name, rotation, config))]
  if (added === undefined || day > today || config.signing.key === added.reference) return edits
  return [...edits, {path: ['signing', 'key'], set: added.reference}]
}

/** In every environment and every rule for images, whichever are rotated: whoever has the key has it everywhere. */
function compromisedEdits({compromised}: Rotation, {environments, images}: Config): DocumentEdit[] {
  const lists: readonly (readonly [path: readonly (string | number)[], pins: readonly KeyPin[]])[] = [
    ...Object.entries(environments).map(([name, {requires}]) => [[...signers(name), 'keys'], requires?.signature?.keys ?? []] as const),
    ...images.map(({keys = []}, index) => [['images', index, 'keys'], keys] as const),
  ]
  return lists.flatMap(([path, pins]) =>
    pins.flatMap(({spki, status}, index): DocumentEdit[] =>
      spki === compromised && status !== 'compromised' ? [{path: [...path, index, 'status'], set: 'compromised'}] : [],
    ),
  )
}

function signers(environment: string): readonly string[] {
  return ['environments', environment, 'requires', 'signature']
}

function environmentEdits(name: string, rotation: Rotation, {environments}: Config): DocumentEdit[] {
  const {added, retired} = rotation
  if (added === undefined) return []
  const requires = environments[name]?.requires
  const pins = requires?.signature?.keys ?? []
  const path = [...signers(name), 'keys']
  const edits: DocumentEdit[] = pins.flatMap((pin, index) => endEdits([...path, index], pin, rotation))
  const {spki, file} = added
  // A pin of its own that begins after the day would leave a gap in which nothing is trusted.
  for (const [index, pin] of pins.entries())
    if (pin.spki === spki && pin.from !== undefined && pin.from > rotation.day) edits.push({path: [...path, index, 'from'], set: rotation.day})
  if (!pins.some((pin) => pin.spki === spki)) edits.push({path, append: {spki, file, from: rotation.day, status: 'active'}})
  // A builder is trusted together with a key: with the new one it is the same builder.
  const builders = requires?.provenance?.builders ?? []
  for (const {id, key, level} of builders) {
    if (key !== retired || builders.some((one) => one.id === id && one.key === spki)) continue
    edits.push({path: ['environments', name, 'requires', 'provenance', 'builders'], append: {id, key: spki, level}})
  }
  return edits
}

function endEdits(path: readonly (string | number)[], pin: KeyPin, {retired, compromised, day, today}: Rotation): DocumentEdit[] {
  if (pin.spki !== retired || pin.spki === compromised || pin.status === 'compromised') return []
  const end: DocumentEdit[] = pin.until !== undefined && pin.until <= day ? [] : [{path: [...path, 'until'], set: day}]
  const isOver = day <= today && pin.status !== 'retired'
  return [...end, ...(isOver ? [{path: [...path, 'status'], set: 'retired'}] : [])]
}
