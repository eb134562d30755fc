/**
 * The list of revocations, held by who judges for days: read again as its age wants it, and kept, where no newer one can be
 * had, until it is too old by the policy. Never given up for an older one: yesterday's list forgets what was revoked today.
 */
import {AppError} from '../../errors.ts'
import {isWebAddress} from '../../evidence/web-address.ts'
import type {RevocationList} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import {digestOf} from '../policy/select-policy.ts'
import {agedRevocations, signedRevocations} from '../revoke/read-revocations.ts'

export interface HeldRevocations {
  /** As it counts now; undefined where none is configured. */
  readonly list: RevocationList | undefined
  /** Of what is revoked: another one is another ground. */
  readonly digest: string
  /** Why a newer one could not be had, although it was asked for. */
  readonly fault: string | undefined
}

type ReadList = Extract<RevocationList, {state: 'read'}>

/** Milliseconds. An address is asked no more often than this, or every tenth of the age that its list may have. */
const SELDOM = 60_000

export interface RevocationHolder {
  /** Reads it again, where that is due. Never throws. @param context with the configuration that names it */
  refresh(context: Context): Promise<void>
  held(now: Date): HeldRevocations
}

/** @param every milliseconds; it is never read more often */
export function holdRevocations(every: number): RevocationHolder {
  let pin: string | undefined
  let good: {readonly list: ReadList; readonly digest: string} | undefined
  let bad: RevocationList | undefined
  let triedAt = Number.NEGATIVE_INFINITY

  const take = (found: RevocationList, now: Date): void => {
    // One that is too old, or from the future, is in nobody's place.
    const list = agedRevocations(found, now)
    if (list.state === 'failed') bad = list
    else if (good !== undefined && Date.parse(list.issuedAt) < Date.parse(good.list.issuedAt)) bad = older(list, good.list)
    else {
      good = {list, digest: digestOf([...list.revoked].toSorted(([one], [two]) => (one < two ? -1 : 1)))}
      bad = undefined
    }
  }

  return {
    async refresh(context) {
      const configured = context.config.revocations
      const now = context.now().getTime()
      // Whose word it is: a list of another key is another list. Where it lies may change.
      const wanted = configured?.key.spki
      if (wanted !== pin) {
        ;[pin, good, bad, triedAt] = [wanted, undefined, undefined, Number.NEGATIVE_INFINITY]
      }
      if (configured === undefined) return
      const due = isWebAddress(configured.from) ? Math.max(every, Math.min(SELDOM, configured['max-age'] / 10)) : every
      if (Math.abs(now - triedAt) < due) return
      triedAt = now
      take(await read(context), context.now())
    },
    held(now) {
      if (pin === undefined) return {list: undefined, digest: '', fault: undefined}
      const fault = bad?.state === 'failed' ? bad.message : undefined
      if (good === undefined)
        return {list: bad ?? {state: 'failed', reason: 'revocation.unreachable', message: 'the list of revocations was not read yet'}, digest: '', fault}
      return {list: agedRevocations(good.list, now), digest: good.digest, fault}
    },
  }
}

function older(list: ReadList, held: ReadList): RevocationList {
  const message = `the list of revocations is of ${list.issuedAt}, and one of ${held.issuedAt} was there before`
  return {state: 'failed', reason: 'revocation.stale', message}
}

async function read(context: Context): Promise<RevocationList> {
  try {
    return (await signedRevocations(context)) ?? {state: 'failed', reason: 'bug', message: 'no list of revocations is configured'}
  } catch (error) {
    return error instanceof AppError
      ? {state: 'failed', reason: error.code, message: error.message}
      : {state: 'failed', reason: 'bug', message: `unexpected error: ${String(error)}`}
  }
}
