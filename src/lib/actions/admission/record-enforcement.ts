/** What a provider enforces, as a record: at its start, and whenever the policy that it judges by is another. */
import type {Config} from '../../config/schema.ts'
import type {Recorder} from '../../ports/evidence-store.ts'

export interface Enforcement {
  readonly cluster: string
  readonly replica: string
  readonly log: 'volume' | 'store'
}

/** @returns tells it what is in force now; it writes where that is new, and throws what the recorder throws */
export function enforcementRecords(
  {cluster, replica, log}: Enforcement,
  recorder: Recorder,
): (policy: string, admission: Config['admission']) => Promise<void> {
  let written: string | undefined
  let turn: Promise<void> = Promise.resolve()
  const tell = async (policy: string, {exempt, rollout}: Config['admission']): Promise<void> => {
    if (written === policy) return
    const waiting = rollout.map(({namespaces, 'enforce-on': day}) => ({namespaces, enforce_on: `${day}T00:00:00.000Z`}))
    await recorder.write({stream: 'enforcement', outcome: 'pass', detail: {cluster, replica, policy, exempt, rollout: waiting, log}})
    written = policy
  }
  return async (policy, admission) => {
    const own = turn.then(async () => tell(policy, admission))
    turn = own.catch(() => undefined)
    return own
  }
}
