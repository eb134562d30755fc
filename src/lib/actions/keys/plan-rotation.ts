/** Which key goes, which comes, on which day and where: everything that a rotation could stumble over is found here. */
import {basename, extname, posix, relative, sep} from 'node:path'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {listPins} from './list-pins.ts'
import {rotationDay} from './rotation-day.ts'
import type {Rotation} from './rotation-edits.ts'
import {typedPin} from './typed-pin.ts'
import {keyReference, readPublicHalf, type SigningKey} from '../sign/signing-key.ts'

export interface RotateRequest {
  /** `file:PATH`, or the URI of a key in a key service. */
  readonly to?: string
  /** Default: those that pin the key which is replaced. */
  readonly environments?: readonly string[]
  /** Default: today, UTC. */
  readonly on?: Date
  /** SPKI digest, or its beginning, of what the new key replaces; default: the signing key that is configured now. */
  readonly retire?: string
  /** SPKI digest, or its beginning, of a key that somebody else may have. */
  readonly compromised?: string
}

/** @throws AppError `usage.*`, `key.*`, `key-service.*`, `policy.invalid` */
export async function planRotation(request: RotateRequest, next: SigningKey | undefined, context: Context): Promise<Rotation> {
  const {config, now} = context
  const today = now().toISOString().slice(0, 10)
  const compromised = request.compromised === undefined ? undefined : typedPin(request.compromised, config)
  const spki = next === undefined ? undefined : `sha256:${next.public.spki}`
  const old = spki === undefined ? undefined : await replacedKey(request, spki, context)
  const environments = chosenEnvironments(request, spki === undefined ? compromised : old, spki, context)
  const asked = request.on?.toISOString().slice(0, 10)
  const base = {today, environments, ...(compromised !== undefined && {compromised})}
  if (next === undefined || spki === undefined) return {...base, day: today}

  refuseUsed(spki, context)
  const day = rotationDay({today, environments, added: spki, ...(asked !== undefined && {asked}), ...(old !== undefined && {old})}, config)
  const known = listPins(config).find((pin) => pin.spki === spki)
  const beside = listPins(config).find((pin) => pin.spki === old)?.file ?? '.'
  const file = known?.file ?? posix.join(posix.dirname(beside.split(sep).join('/')), `${stemOf(next.reference)}-${next.public.spki.slice(0, 8)}.pub`)
  const retired = old ?? retiredThen(day, environments, context)
  return {...base, day, added: {spki, file, reference: configured(request.to ?? '', context)}, ...(retired !== undefined && {retired})}
}

/** The key that goes; undefined where none signed so far, or the new one has its place already. */
async function replacedKey({retire}: RotateRequest, added: string, context: Context): Promise<string | undefined> {
  if (retire !== undefined) return typedPin(retire, context.config)
  if (context.config.signing.key === undefined) return undefined
  const current = await currentKey(context)
  if (current !== added) return current
  const others = listPins(context.config).filter(({role, spki, status}) => role === 'signature' && spki !== added && status === 'active')
  if (listPins(context.config).some(({spki}) => spki === added) || others.length === 0) return undefined
  throw new AppError('usage.flag', 'the configured signing key is the new one already, so nothing says which pin it replaces', {
    fix: `Name it: --retire ${[...new Set(others.map(({spki}) => spki))].join(', or --retire ')}`,
  })
}

async function currentKey(context: Context): Promise<string> {
  try {
    return `sha256:${(await readPublicHalf(undefined, context)).public.spki}`
  } catch (cause) {
    if (!(cause instanceof AppError) || !/^key(-service)?\./.test(cause.code)) throw cause
    // A key that is lost is a reason to replace it.
    throw new AppError(cause.code, cause.message, {cause, fix: 'Name the pin that the new key replaces: --retire sha256:…, as hipaa-ci keys show tells.'})
  }
}

/** What an earlier call for the same day has retired. */
function retiredThen(day: string, environments: readonly string[], {config}: Context): string | undefined {
  return listPins(config).find(({status, until, environment}) => status === 'retired' && until === day && environments.includes(environment ?? ''))?.spki
}

function chosenEnvironments({environments: named}: RotateRequest, old: string | undefined, added: string | undefined, {config}: Context): readonly string[] {
  const all = Object.keys(config.environments)
  const unknown = (named ?? []).find((name) => !all.includes(name))
  if (unknown !== undefined) throw new AppError('usage.environment', `there is no environment ${unknown}; there are: ${all.join(', ') || 'none'}`)
  const pins = listPins(config).filter(({role}) => role === 'signature')
  const withKeys = new Set(pins.map(({environment}) => environment))
  const keyless = (named ?? []).find((name) => !withKeys.has(name))
  if (keyless !== undefined) throw new AppError('usage.environment', `environment ${keyless} pins no keys, so none of them can be rotated`)
  const concerned = new Set(pins.filter(({spki}) => spki === old || spki === added).map(({environment}) => environment))
  const chosen = named ?? (old === undefined && concerned.size === 0 ? all.filter((name) => withKeys.has(name)) : all.filter((name) => concerned.has(name)))
  if (chosen.length === 0)
    throw new AppError('usage.environment', `no environment pins ${old ?? 'a key'}`, {fix: 'Name those that are to trust the new key: --environment NAME.'})
  return chosen
}

/** A key that was given up does not come back, and one of another duty does not sign builds. */
function refuseUsed(spki: string, {config}: Context): void {
  const pin = listPins(config).find((one) => one.spki === spki && (one.status !== 'active' || one.role === 'promotion' || one.role === 'approval'))
  if (pin === undefined) return
  const why = pin.status === 'active' ? `is pinned for ${pin.role}, and duties are to be apart` : `is ${pin.status}`
  throw new AppError('policy.invalid', `${spki} cannot become the signing key: in environment ${pin.environment ?? '-'} it ${why}`, {fix: 'Make a new key.'})
}

function configured(to: string, context: Context): string {
  const {scheme, reference} = keyReference(to, context)
  if (scheme !== 'file') return reference
  const near = relative(context.config.root, reference)
  return `file:${near.startsWith('..') ? reference : near.split(sep).join('/')}`
}

/** `awskms:///alias/image-signing` -> `image-signing` */
function stemOf(reference: string): string {
  const name = basename(reference, extname(reference)).replaceAll(/[^A-Za-z0-9_-]+/g, '-')
  return name.replaceAll(/^-+|-+$/g, '') || 'key'
}
