/** Every public key that a configuration pins, and what for. Pure. */
import type {Config} from '../../config/schema.ts'

/** What a key's word counts for. */
export type KeyRole = 'signature' | 'promotion' | 'approval' | 'image-rule' | 'revocations' | 'floor'

export interface Pin {
  readonly role: KeyRole
  /** Of an approver. */
  readonly person?: string
  /** Of an image rule. */
  readonly match?: string
  readonly environment?: string
  /** `sha256:<hex>` */
  readonly spki: string
  readonly file: string
  /** Days of trust, UTC and inclusive. */
  readonly from?: string
  readonly until?: string
  readonly status: 'active' | 'retired' | 'compromised'
}

/** @param only this environment's */
export function listPins({environments, images, revocations, floor}: Config, only?: string): readonly Pin[] {
  const chosen = Object.entries(environments).filter(([name]) => only === undefined || name === only)
  const own = chosen.flatMap(([environment, {requires, approvals, promotion}]): Pin[] => [
    ...(requires?.signature?.keys ?? []).map((pin): Pin => ({role: 'signature', environment, ...windowed(pin)})),
    ...(promotion === undefined ? [] : [{role: 'promotion', environment, ...unlimited(promotion)} as const]),
    ...(approvals?.by ?? []).flatMap((by): Pin[] => ('spki' in by ? [{role: 'approval', person: by.person, environment, ...unlimited(by)}] : [])),
  ])
  if (only !== undefined) return own
  return [
    ...own,
    ...images.flatMap(({match, keys = []}) => keys.map((pin): Pin => ({role: 'image-rule', match, ...windowed(pin)}))),
    ...(revocations === undefined ? [] : [{role: 'revocations', ...unlimited(revocations.key)} as const]),
    ...(floor?.key === undefined ? [] : [{role: 'floor', ...unlimited(floor.key)} as const]),
  ]
}

interface Named {
  readonly spki: string
  readonly file: string
}

function windowed({
  spki,
  file,
  from,
  until,
  status,
}: Named & {readonly from?: string | undefined; readonly until?: string | undefined; readonly status: Pin['status']}) {
  return {spki, file, ...(from !== undefined && {from}), ...(until !== undefined && {until}), status}
}

/** Keys of one duty have no window: they are replaced, not retired. */
function unlimited({spki, file}: Named) {
  return {spki, file, status: 'active'} as const
}
