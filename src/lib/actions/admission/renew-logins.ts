/** Registries' logins of a server that runs for days: looked at every minute, so that no request finds one that has ended. */
import type {LoginRenewal, RenewLogins} from '../../ports/credentials.ts'
import type {Wait} from '../../ports/wait.ts'

export interface Renewing {
  readonly told: (renewal: LoginRenewal) => void
  readonly wait: Wait
  readonly stop: AbortSignal
}

const LOOK = 60_000

/** Until it is stopped. Never rejects. */
export async function renewLogins(renew: RenewLogins, {told, wait, stop}: Renewing): Promise<void> {
  while (!stop.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await wait(LOOK, stop)
    if (stop.aborted) return
    // oxlint-disable-next-line no-await-in-loop -- one look after another
    for (const renewal of await renew()) told(renewal)
  }
}
