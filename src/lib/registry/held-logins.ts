/**
 * Logins that end, held while they last: asked for once, however many wait for one; and, in a process that runs for days,
 * asked for anew when three quarters of their life are over, beside the one in use, so that nobody waits.
 *
 * What cannot be renewed goes on as long as it lasts, and is asked for again at the next look.
 */
import type {FoundCredentials, LoginRenewal} from '../ports/credentials.ts'
import {AppError} from '../errors.ts'

export type Login = FoundCredentials & {readonly until: number}

export interface HeldLogins<Host> {
  /** @throws whatever asking for it throws */
  readonly login: (host: Host) => Promise<Login>
  /** Of those that are due. Never rejects. */
  readonly renew: () => Promise<readonly LoginRenewal[]>
}

interface Held<Host> {
  readonly host: Host
  readonly asked: Promise<Login>
  readonly since: number
  /** Once it is there. */
  until?: number
}

const RENEWED_AT = 0.75

/** @param now milliseconds since the epoch */
export function holdLogins<Host extends {readonly host: string}>(ask: (host: Host) => Promise<Login>, now: () => number): HeldLogins<Host> {
  const held = new Map<string, Held<Host>>()
  let renewing: Promise<readonly LoginRenewal[]> | undefined

  const renewOne = async ({host}: Held<Host>): Promise<LoginRenewal> => {
    const since = now()
    try {
      const login = await ask(host)
      held.set(host.host, {host, since, asked: Promise.resolve(login), until: login.until})
      return {host: host.host}
    } catch (error) {
      return {host: host.host, fault: error instanceof AppError ? error : new AppError('bug', `unexpected error: ${String(error)}`, {cause: error})}
    }
  }
  const isDue = ({since, until}: Held<Host>): boolean => until !== undefined && now() >= since + (until - since) * RENEWED_AT

  return {
    async login(host) {
      const known = held.get(host.host)
      if (known !== undefined && (known.until === undefined || known.until > now())) return known.asked
      const fresh: Held<Host> = {host, since: now(), asked: ask(host)}
      held.set(host.host, fresh)
      try {
        const login = await fresh.asked
        fresh.until = login.until
        return login
      } catch (error) {
        if (held.get(host.host) === fresh) held.delete(host.host)
        throw error
      }
    },
    renew() {
      renewing ??= Promise.all([...held.values()].filter(isDue).map(renewOne)).finally(() => void (renewing = undefined))
      return renewing
    },
  }
}
