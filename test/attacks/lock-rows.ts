/** Locks that are weaker than they have to be: what a bucket's settings, or somebody with rights, can do to what is written from then on. */
import type {ObjectLock} from '../../src/lib/ports/evidence-store.ts'
import {BUCKET, type AttackRow} from './row.ts'
import {TEST} from './scene.ts'

const YEAR = 365 * 86_400_000
const ends = (now: Date, years: number) => new Date(now.getTime() + years * YEAR).toISOString()

/** `lock`: what a new version gets. */
export interface LockRow extends AttackRow {
  readonly lock: (now: Date) => ObjectLock | undefined
}

function row(attack: string, finds: 'lock.weak' | 'lock.missing' | 'retention.too-short', lock: LockRow['lock']): LockRow {
  return {
    attack,
    on: BUCKET,
    finds: [finds],
    exit: 1,
    by: 'the lock as its leaf gives it, read again where it is too weak',
    lock,
    async act({writer, seal}) {
      const {key} = await writer.write('test', TEST)
      await seal()
      return {about: key}
    },
  }
}

export const LOCK_ROWS: readonly LockRow[] = [
  row('a record is locked for six years', 'retention.too-short', (now) => ({mode: 'COMPLIANCE', until: ends(now, 6)})),
  row('a record is locked in the mode GOVERNANCE', 'lock.weak', (now) => ({mode: 'GOVERNANCE', until: ends(now, 7)})),
  row('only a legal hold keeps a record', 'lock.weak', () => ({hold: true})),
  row('a record is not locked', 'lock.missing', () => undefined),
]
