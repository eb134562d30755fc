/** Who may sign, held against the platform's: no key or identity more, no window wider, no status better. Pure. */
import type {IdentityPin, KeyPin, Requires} from '../../config/schema.ts'
import {same, within, type Weakness} from './compare.ts'

type Path = Weakness['path']
type Signers = NonNullable<Requires['signature']>

export function signerWeaknesses(path: Path, own: Signers, floor: Signers): Weakness[] {
  return [
    ...keyWeaknesses([...path, 'keys'], own.keys ?? [], floor.keys ?? []),
    ...identityWeaknesses([...path, 'identities'], own.identities, floor.identities),
    // A time proves that a key was still good, and counts for both: neither may know an authority that the other does not.
    ...same([...path, 'timestamp-authorities'], authorities(own), authorities(floor)),
  ]
}

export function identityWeaknesses(path: Path, own: readonly IdentityPin[] | undefined, floor: readonly IdentityPin[] | undefined): Weakness[] {
  return within(path, own ?? [], floor ?? [], ({issuer, identity}) => `${identity} (${issuer})`)
}

export function keyWeaknesses(path: Path, own: readonly KeyPin[], floor: readonly KeyPin[]): Weakness[] {
  return own.flatMap((pin, at) => {
    const pins = floor.filter(({spki}) => spki === pin.spki)
    if (pins.length === 0) return [{path: [...path, at], message: `${pin.spki} is not one of the platform's keys`}]
    // One pin that calls it compromised decides over all others.
    const compromised = pins.filter(({status}) => status === 'compromised')
    const deciding = compromised.length > 0 ? compromised : pins
    if (deciding.some((other) => isWithin(pin, other))) return []
    return [{path: [...path, at], message: `${keyText(pin)}; the platform has ${deciding.map(keyText).join(', ')}`}]
  })
}

const RANK = {active: 0, retired: 1, compromised: 2} as const

function isWithin(own: KeyPin, floor: KeyPin): boolean {
  if (own.status === 'compromised') return true
  const [from, until] = [startOf(floor), endOf(floor)]
  const [ownFrom, ownUntil] = [startOf(own), endOf(own)]
  return RANK[own.status] >= RANK[floor.status] && ownFrom >= from && ownUntil <= until
}

function startOf({from = ''}: KeyPin): string {
  return from
}

/** Retired since nobody knows when: no day is early enough. */
function endOf({until, status}: KeyPin): string {
  return until ?? (status === 'retired' ? '' : '~')
}

function keyText({spki, status, from, until}: KeyPin): string {
  return [spki, status, ...(from === undefined ? [] : [`from ${from}`]), ...(until === undefined ? [] : [`until ${until}`])].join(' ')
}

function authorities({'timestamp-authorities': all = []}: Signers): readonly unknown[] {
  return all.map(({sha256, from, until}) => [sha256, from ?? '', until ?? ''].join(' ')).toSorted()
}
