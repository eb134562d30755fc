/**
 * Gatekeeper's external-data protocol (externaldata.gatekeeper.sh/v1beta1): keys in, one item for each key out.
 *
 * An item's value and its error are kept by Gatekeeper's cache; a system error is not, and says that nothing was judged.
 * So a definite verdict is a value, and whatever is transient is a system error.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'

const VERSION = 'externaldata.gatekeeper.sh/v1beta1'
/** Ours asks with one; more are somebody else's. */
const MAX_KEYS = 16

const ProviderRequest = z.looseObject({
  apiVersion: z.literal(VERSION),
  kind: z.literal('ProviderRequest'),
  request: z.looseObject({keys: z.array(z.string()).min(1).max(MAX_KEYS)}),
})

/** What the constraint reads. */
export interface ProviderVerdict {
  /** Every image is in order. */
  readonly allowed: boolean
  /** The pod may run: allowed, or refused where a refusal only warns. Always true of advice and audit, which keep nothing out. */
  readonly admit: boolean
  /** Ids of the records. */
  readonly records: readonly string[]
  /** Of a refusal: what the person reads. */
  readonly message: string
}

export interface ProviderItem {
  readonly key: string
  readonly value: ProviderVerdict
}

export type ProviderAnswer = {readonly items: readonly ProviderItem[]} | {readonly systemError: string}

/** @returns the keys. @throws AppError `admission.key` */
export function parseProviderRequest(body: Uint8Array): readonly string[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(body))
  } catch (cause) {
    throw new AppError('admission.key', 'the request is not JSON', {cause})
  }
  const parsed = ProviderRequest.safeParse(value)
  if (parsed.success) return parsed.data.request.keys
  const [issue] = parsed.error.issues
  throw new AppError('admission.key', `the request is no ProviderRequest: ${issue?.path.join('.') || '(top)'}: ${issue?.message ?? ''}`)
}

/** As Gatekeeper reads it; `idempotent` because the same key gives the same record. */
export function providerResponse(answer: ProviderAnswer): Uint8Array {
  const response = 'items' in answer ? {idempotent: true, items: answer.items} : {idempotent: true, systemError: answer.systemError}
  return Buffer.from(JSON.stringify({apiVersion: VERSION, kind: 'ProviderResponse', response}))
}
