/** The limits of the gate, held against the platform's. Pure. */
import type {GateLimits} from '../../config/schema.ts'
import {atMost, duration, type Weakness} from './compare.ts'

const LEVELS = ['critical', 'high', 'medium', 'low'] as const
const VULNERABILITIES = ['gate', 'vulnerabilities']

export function gateWeaknesses(own: GateLimits, floor: GateLimits): Weakness[] {
  const [ours, theirs] = [own.vulnerabilities, floor.vulnerabilities]
  return [
    ...LEVELS.flatMap((level) => atMost([...VULNERABILITIES, level], ours[level], theirs[level])),
    ...(ours['only-fixed'] && !theirs['only-fixed'] ? [{path: [...VULNERABILITIES, 'only-fixed'], message: 'true; the platform has false'}] : []),
    ...atMost([...VULNERABILITIES, 'database-max-age'], ours['database-max-age'], theirs['database-max-age'], duration),
    ...atMost(['gate', 'secrets'], own.secrets, floor.secrets),
    ...LEVELS.flatMap((level) => atMost(['gate', 'misconfigurations', level], own.misconfigurations[level], floor.misconfigurations[level])),
    ...codeWeaknesses(own.code, floor.code),
  ]
}

/** Where the platform names no limit for code, a source that is scanned may have no error (`decideGate`). */
function codeWeaknesses(own: GateLimits['code'], floor: GateLimits['code']): Weakness[] {
  if (own === undefined) return floor === undefined ? [] : [{path: ['gate', 'code'], message: 'no code scan; the platform asks for one'}]
  return [...atMost(['gate', 'code', 'error'], own.error, floor?.error ?? 0), ...atMost(['gate', 'code', 'warning'], own.warning, floor?.warning)]
}
