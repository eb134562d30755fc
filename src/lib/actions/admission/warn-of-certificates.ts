/**
 * Says in time that a certificate ends, and again each day: with the self-made ones nobody else does, and from the day on
 * which one has ended a cluster lets nothing in.
 *
 * `install` makes a new one in the last 30 days of the old, so whoever is warned has somewhat over a week of them behind them.
 */
import type {CertificateState} from '../../ports/admission-server.ts'
import type {Wait} from '../../ports/wait.ts'

const DAY = 86_400_000
/** Left of a certificate from which on it is said. */
const WARN_DAYS = 21

export interface EndingCertificate {
  readonly certificate: 'server' | 'client-ca'
  readonly ends: Date
  /** Whole days that are left; below zero where it has ended. */
  readonly days: number
}

export interface CertificateWarnings {
  /** What is used from now on. */
  seen(state: CertificateState): void
  /** Until it is stopped. Never rejects */
  watch(stop: AbortSignal): Promise<void>
}

/** @param tell what ends soon, also where that is nothing any more: with each certificate that is put into use, and once a day. Must not throw */
export function certificateWarnings(
  tell: (ending: readonly EndingCertificate[]) => void,
  {now, wait}: {readonly now: () => Date; readonly wait: Wait},
): CertificateWarnings {
  let state: CertificateState | undefined
  const look = () => {
    if (state !== undefined) tell(endingSoon(state, now()))
  }
  return {
    seen(next) {
      state = next
      look()
    },
    async watch(stop) {
      while (!stop.aborted) {
        // oxlint-disable-next-line no-await-in-loop -- waiting is the point
        await wait(DAY, stop)
        if (!stop.aborted) look()
      }
    },
  }
}

function endingSoon({expires, clientCaExpires}: CertificateState, now: Date): readonly EndingCertificate[] {
  const all = [
    {certificate: 'server', ends: expires},
    {certificate: 'client-ca', ends: clientCaExpires},
  ] as const
  return all.map((one) => ({...one, days: Math.floor((one.ends.getTime() - now.getTime()) / DAY)})).filter(({days}) => days < WARN_DAYS)
}
