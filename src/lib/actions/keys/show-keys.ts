/**
 * Every pinned key, until when it is trusted, and whether what this project signs with is among them.
 *
 * Each file is held against its pin. Only the configured signing key is asked for, by Cosign or its key service; what
 * cannot be asked is told as such and never taken for pinned.
 */
import {AppError, EXIT, type ExitCode, type ReasonCode} from '../../errors.ts'
import type {ServiceCredential} from '../../evidence/details.ts'
import type {Context} from '../../ports/context.ts'
import {listPins, type Pin} from './list-pins.ts'
import {pinnedKey} from '../policy/pinned-key.ts'
import {keyReference, readPublicHalf} from '../sign/signing-key.ts'

export interface ShowKeysRequest {
  /** Default: all, and what is pinned outside of environments. */
  readonly environment?: string
}

export interface ShownPin extends Pin {
  /** As of today: a window may have ended though nobody wrote `retired`. */
  readonly state: 'trusted' | 'not-yet' | 'ended' | 'retired' | 'compromised'
  /** Is it what this project signs with? Absent where that could not be found out. */
  readonly signs?: boolean
}

/** What `signing.key` names. */
export type ShownSigningKey =
  | {readonly state: 'none'}
  | {
      /** `not-trusted`: pinned, but by now retired, compromised, over or not yet valid in each environment. */
      readonly state: 'pinned' | 'not-trusted' | 'not-pinned'
      readonly reference: string
      readonly spki: string
      readonly kind: 'key-file' | 'kms'
      readonly credential?: ServiceCredential
    }
  | {readonly state: 'unknown'; readonly reference: string; readonly reason: ReasonCode; readonly message: string}

/** What `sealing` names; none of it is opened or asked. */
export interface ShownSealing {
  readonly origin: string
  /** What seals here. */
  readonly reference?: string
  /** Verifier keys that count; none: the public half of what seals here. */
  readonly keys: readonly string[]
}

export interface ShowKeysResult {
  readonly exitCode: ExitCode
  readonly signing: ShownSigningKey
  /** Absent where none is configured, or one environment is asked about. */
  readonly sealing?: ShownSealing
  readonly keys: readonly ShownPin[]
}

/** @throws AppError `usage.environment`, `policy.invalid`, `key.unreadable` */
export async function showKeys({environment}: ShowKeysRequest, context: Context): Promise<ShowKeysResult> {
  const {config} = context
  if (environment !== undefined && config.environments[environment] === undefined)
    throw new AppError('usage.environment', `there is no environment ${environment}; there are: ${Object.keys(config.environments).join(', ') || 'none'}`)
  const pins = listPins(config, environment)
  for (const pin of pins) await pinnedKey(pin.environment ?? placeOf(pin), pin, context)

  const today = context.now().toISOString().slice(0, 10)
  const {signing, exitCode} = await signingKey(today, context)
  const signer = 'spki' in signing ? signing.spki : undefined
  const keys = pins.map((pin) => ({...pin, state: stateOf(pin, today), ...(signing.state !== 'unknown' && {signs: pin.spki === signer})}))
  const sealing = environment === undefined ? shownSealing(config) : undefined
  return {exitCode, signing, ...(sealing !== undefined && {sealing}), keys}
}

async function signingKey(today: string, context: Context): Promise<{readonly signing: ShownSigningKey; readonly exitCode: ExitCode}> {
  if (context.config.signing.key === undefined) return {signing: {state: 'none'}, exitCode: EXIT.ok}
  const {reference} = keyReference(undefined, context)
  try {
    const {public: key, kind, credential} = await readPublicHalf(undefined, context)
    const spki = `sha256:${key.spki}`
    const state = trustIn(spki, today, context)
    if (state === 'not-trusted') context.progress.note(`${reference} signs here, and no environment trusts it now`)
    return {
      signing: {state, reference, spki, kind, ...(credential !== undefined && {credential})},
      exitCode: EXIT.ok,
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {signing: {state: 'unknown', reference, reason: error.code, message: error.message}, exitCode: error.exitCode}
  }
}

function shownSealing({sealing}: Context['config']): ShownSealing | undefined {
  if (sealing === undefined) return undefined
  const {origin, key, keys = []} = sealing
  return {origin, ...(key !== undefined && {reference: key.replace(/^file:/, '')}), keys}
}

/** As a verdict of today would have it: one pin that allows the key is enough, and one that calls it compromised too much. */
function trustIn(spki: string, today: string, {config}: Context): 'pinned' | 'not-trusted' | 'not-pinned' {
  const pins = listPins(config).filter((pin) => pin.role === 'signature' && pin.spki === spki)
  if (pins.length === 0) return 'not-pinned'
  const trusts = (name: string | undefined) => {
    const states = pins.filter(({environment}) => environment === name).map((pin) => stateOf(pin, today))
    return states.includes('trusted') && !states.includes('compromised')
  }
  return pins.some(({environment}) => trusts(environment)) ? 'pinned' : 'not-trusted'
}

function stateOf({status, from, until}: Pin, today: string): ShownPin['state'] {
  if (status !== 'active') return status
  if (from !== undefined && today < from) return 'not-yet'
  return until !== undefined && today > until ? 'ended' : 'trusted'
}

function placeOf({role, match}: Pin): string {
  return match ?? role
}
